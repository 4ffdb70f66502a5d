/** The whole life of an execution as one function: {@code Snapshot × Instant → Decision}. Pure. */
@NullMarked
package dev.corral.operator.decide;

import org.jspecify.annotations.NullMarked;
