/** Reads what a pod and a report say, and nothing else: the only place that knows container states. Neighbour: {@code decide}. */
@NullMarked
package dev.corral.operator.observe;

import org.jspecify.annotations.NullMarked;
