package dev.corral.api.v1alpha1;

import java.util.List;

/** What the controller found about a plugin. */
public record PluginStatus(Long observedGeneration, List<Condition> conditions) {}
