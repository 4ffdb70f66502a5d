package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import org.jspecify.annotations.Nullable;

/** {@code Enforce}: the policy counts; {@code Audit}: it grants and refuses nothing, and executions say what it would refuse. A value of another version of the CRD is read as {@code Enforce}. */
public enum PolicyMode {
    Enforce,
    Audit;

    @JsonCreator
    static PolicyMode of(@Nullable String value) {
        return Audit.name().equals(value) ? Audit : Enforce;
    }
}
