package dev.corral.api.v1alpha1;

/** How far a permission is more than a wish. */
public enum EnforcementState {
    Enforced,
    Partial,
    NotEnforced
}
