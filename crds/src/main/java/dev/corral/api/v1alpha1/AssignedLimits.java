package dev.corral.api.v1alpha1;

/** The limits of one run in plain units: milliseconds, bytes, counts. */
public record AssignedLimits(
        Long timeoutMillis,
        Long graceMillis,
        Long memoryBytes,
        Long diskBytes,
        Integer processes,
        Long outputBytes,
        Integer events) {}
