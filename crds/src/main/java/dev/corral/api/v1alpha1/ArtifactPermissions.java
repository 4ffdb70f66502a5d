package dev.corral.api.v1alpha1;

import java.util.List;

/** Artifacts of other executions a handler may read: {@code plugin/artifact}. */
public record ArtifactPermissions(List<String> read) {}
