package dev.corral.api.v1alpha1;

/** Monotonic milliseconds since the assignment reached the launcher. */
public record ReportedTimings(Long startedMillis, Long finishedMillis, Long collectedMillis) {}
