package dev.corral.api.v1alpha1;

/** A file a handler may leave in {@code $CORRAL_OUTPUT}; {@code path} may hold {runId}, {attempt} and {plugin}. */
public record ArtifactDeclaration(String name, String path, String type, String ttl) {}
