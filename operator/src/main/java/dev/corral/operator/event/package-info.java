/** Notes for people at {@code kubectl describe}: what happened, to what, what next. */
@NullMarked
package dev.corral.operator.event;

import org.jspecify.annotations.NullMarked;
