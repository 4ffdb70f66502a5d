package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import org.jspecify.annotations.Nullable;

/** {@code Refused}: {@code mode: Learn} is not allowed by this policy; {@code Allowed}: it is, and what this policy grants of network and events is open to it. A value of another version of the CRD is read as {@code Refused}: the stricter one. */
public enum LearnPolicy {
    Refused,
    Allowed;

    @JsonCreator
    static LearnPolicy of(@Nullable String value) {
        for (var known : values()) {
            if (known.name().equals(value)) {
                return known;
            }
        }
        return Refused;
    }
}
