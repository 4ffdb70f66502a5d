package dev.corral.api.v1alpha1;

/** A key of a ConfigMap of the execution's namespace. */
public record ConfigMapKey(String name, String key) {}
