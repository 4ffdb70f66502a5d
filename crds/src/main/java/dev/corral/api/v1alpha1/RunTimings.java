package dev.corral.api.v1alpha1;

/** Milliseconds since the controller first saw the execution. */
public record RunTimings(Long decided, Long podReady, Long claimed, Long started, Long finished, Long reported) {}
