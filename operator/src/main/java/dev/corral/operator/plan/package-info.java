/** Everything decided about a run, with nothing of Kubernetes in it. Neighbours: {@code policy} before, {@code render} after. */
@NullMarked
package dev.corral.operator.plan;

import org.jspecify.annotations.NullMarked;
