package dev.corral.api.v1alpha1;

/** Upper bounds of one run. Quantities are Kubernetes quantities, durations have a unit. The minimum of all layers holds. */
public record Limits(
        String timeout,
        String memory,
        String cpu,
        String cpuTime,
        String disk,
        Integer processes,
        String output,
        Integer events) {}
