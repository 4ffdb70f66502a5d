/**
 * The API of Corral, group {@code corral.dev}, version {@code v1alpha1}: the records here are the only hand-written definition of it,
 * {@code crds/*.yaml} is generated from them. Neighbours: {@code spec} reads these into the core, {@code status} writes them.
 */
package dev.corral.api.v1alpha1;
