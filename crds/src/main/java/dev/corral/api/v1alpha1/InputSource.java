package dev.corral.api.v1alpha1;

/** Exactly one place the input comes from, other than inline. */
public record InputSource(ConfigMapKey configMapKey, ArtifactReference artifact) {}
