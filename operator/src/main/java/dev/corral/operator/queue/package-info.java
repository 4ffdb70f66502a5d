/** Who may start next where policies bound how many run at once, and who waits for what. Sees only the JDK: no client, no clock. */
@NullMarked
package dev.corral.operator.queue;

import org.jspecify.annotations.NullMarked;
