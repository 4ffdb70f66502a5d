/** Composes the status of an execution from verdict, plan, observation and what it was before. */
@NullMarked
package dev.corral.operator.status;

import org.jspecify.annotations.NullMarked;
