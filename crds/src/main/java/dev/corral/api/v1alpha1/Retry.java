package dev.corral.api.v1alpha1;

/** Further attempts, only for causes where plugin code cannot have started (or the handler says it is idempotent). */
public record Retry(Integer maxAttempts, String backoff) {}
