package dev.corral.api.v1alpha1;

import java.util.Map;

/** Why it failed: a stable code, a sentence, redacted details and what to do. */
public record ErrorDetail(String code, String message, Map<String, String> details, String remediation) {}
