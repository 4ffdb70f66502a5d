package dev.corral.api.v1alpha1;

/** {@code Run} runs it; {@code Plan} writes what would run into status and starts nothing. */
public enum ExecutionMode {
    Run,
    Plan
}
