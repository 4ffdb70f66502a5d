package dev.corral.api.v1alpha1;

/** Per permission: who enforces it, with what proof. Absence of proof is {@code NotEnforced}. */
public record EnforcementStatus(
        String permission, EnforcementState state, String mechanism, String evidence, String reason) {}
