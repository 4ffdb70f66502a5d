package dev.corral.api.v1alpha1;

/** One thing the cluster can or cannot enforce, with its evidence. */
public record CapabilityStatus(String name, EnforcementState state, String evidence, String since, String lastSeen) {}
