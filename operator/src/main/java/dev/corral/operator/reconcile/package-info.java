/** Gathers a snapshot from caches, asks {@code decide}, applies the decision. The only user of JOSDK. */
@NullMarked
package dev.corral.operator.reconcile;

import org.jspecify.annotations.NullMarked;
