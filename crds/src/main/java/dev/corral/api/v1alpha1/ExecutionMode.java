package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import org.jspecify.annotations.Nullable;

/** {@code Run} runs it; {@code Plan} writes what would run into status and starts nothing; {@code Learn} runs it watched and proposes permissions. A value of another version of the CRD is read as {@code Plan}: it starts nothing. */
public enum ExecutionMode {
    Run,
    Plan,
    Learn;

    @JsonCreator
    static ExecutionMode of(@Nullable String value) {
        for (var known : values()) {
            if (known.name().equals(value)) {
                return known;
            }
        }
        return Plan;
    }
}
