package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.RunReport;

/** A report from a termination message whose seal is that of the session, and the uid of the execution that it is about. */
public record Sealed(String executionUID, RunReport report) {}
