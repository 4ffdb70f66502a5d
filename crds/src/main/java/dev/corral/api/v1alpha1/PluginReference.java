package dev.corral.api.v1alpha1;

/** Exactly one of a plugin of this namespace ({@code name}) and one of the catalogue ({@code clusterName}). */
public record PluginReference(String name, String clusterName) {}
