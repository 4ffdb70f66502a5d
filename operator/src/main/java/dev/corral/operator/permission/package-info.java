/**
 * What can be asked for, granted and denied, as values that cannot be malformed: each is parsed once, at the border, into its
 * canonical form or into a {@link dev.corral.operator.permission.Violation} that says how to write it. Knows nothing of policies.
 * Neighbours: {@code spec} parses into these values, {@code policy} compares them.
 */
@NullMarked
package dev.corral.operator.permission;

import org.jspecify.annotations.NullMarked;
