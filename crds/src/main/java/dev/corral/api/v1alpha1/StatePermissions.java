package dev.corral.api.v1alpha1;

import java.util.List;

/** Key spaces of plugin state. */
public record StatePermissions(List<String> read, List<String> write) {}
