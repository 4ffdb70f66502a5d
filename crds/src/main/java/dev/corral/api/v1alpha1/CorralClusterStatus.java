package dev.corral.api.v1alpha1;

import java.util.List;

/** Capabilities as seen from inside pods, with the time they were first and last seen. */
public record CorralClusterStatus(
        String operatorVersion, List<CapabilityStatus> capabilities, List<Condition> conditions) {}
