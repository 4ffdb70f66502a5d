/**
 * The API of Corral, group {@code corral.dev}, version {@code v1alpha1}: the records here are the only hand-written definition of it,
 * {@code crds/*.yaml} is generated from them. Neighbours: {@code spec} reads these into the core, {@code status} writes them.
 *
 * <p>{@code @Nullable} says what an object may leave out; lists stay null when absent, the core normalises them. The API server sees to
 * the rest, for objects that this version of the CRD admitted.
 */
@NullMarked
package dev.corral.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
