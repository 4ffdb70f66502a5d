package dev.corral.api.v1alpha1;

/** As measured by the launcher from its own cgroup. */
public record ReportedMetrics(Long wallMillis, Long cpuMillis, Long memoryPeakBytes) {}
