package dev.corral.api.v1alpha1;

import java.util.Map;

/** Labels that must all be present with these values; empty selects everything. */
public record LabelRequirement(Map<String, String> matchLabels) {}
