package dev.corral.api.v1alpha1;

/** One policy in the generation that was used. */
public record PolicyReference(String kind, String name, String uid, Long generation) {}
