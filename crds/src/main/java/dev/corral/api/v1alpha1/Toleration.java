package dev.corral.api.v1alpha1;

/** A taint the pods tolerate. */
public record Toleration(String key, String value, String effect) {}
