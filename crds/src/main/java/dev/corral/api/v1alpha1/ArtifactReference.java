package dev.corral.api.v1alpha1;

/** An artifact of another execution of the same namespace. */
public record ArtifactReference(String execution, String artifact) {}
