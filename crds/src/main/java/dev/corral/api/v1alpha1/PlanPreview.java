package dev.corral.api.v1alpha1;

import java.util.List;

/** {@code mode: Plan}: the objects that would be created, as YAML documents. */
public record PlanPreview(List<String> objects) {}
