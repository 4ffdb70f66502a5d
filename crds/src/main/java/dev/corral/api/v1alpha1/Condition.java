package dev.corral.api.v1alpha1;

/** A condition with all six fields, always (KEP-1623). */
public record Condition(
        String type,
        String status,
        String reason,
        String message,
        Long observedGeneration,
        String lastTransitionTime) {}
