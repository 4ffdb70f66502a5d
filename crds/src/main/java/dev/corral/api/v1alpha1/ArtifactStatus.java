package dev.corral.api.v1alpha1;

/** One artifact; {@code uri} is {@code corral://namespace/execution/name}, {@code size} in bytes. */
public record ArtifactStatus(
        String name, String uri, String sha256, Long size, String type, String state, String problem, String expires) {}
