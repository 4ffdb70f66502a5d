package dev.corral.api.v1alpha1;

/** From the run's own cgroup: wall and CPU time with a unit, peak memory as a quantity. */
public record RunMetrics(String wall, String cpu, String memoryPeak) {}
