package dev.corral.api.v1alpha1;

import java.util.List;

/** What the controller found about a policy: {@code Ready=False/Malformed} grants nothing. */
public record PolicyStatus(Long observedGeneration, List<Condition> conditions) {}
