package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import org.jspecify.annotations.Nullable;

/** How far a permission is more than a wish. A value of another version of the CRD is read as {@code NotEnforced}: no proof we understand. */
public enum EnforcementState {
    Enforced,
    Partial,
    NotEnforced;

    @JsonCreator
    static EnforcementState of(@Nullable String value) {
        for (var known : values()) {
            if (known.name().equals(value)) {
                return known;
            }
        }
        return NotEnforced;
    }
}
