package dev.corral.operator.render;

import dev.corral.operator.policy.EffectivePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the launcher is told of the sandbox class, as one compact JSON object in {@link #VARIABLE}: the same for all pods of a class,
 * nothing of a single run. A key that is absent leaves the launcher as it is without it; one it does not know makes it refuse to start.
 */
final class SandboxSettings {
    static final String VARIABLE = "CORRAL_SANDBOX";

    private SandboxSettings() {}

    /** Empty when there is nothing to say. */
    static Optional<String> of(EffectivePermissions effective) {
        List<String> keys = new ArrayList<>();
        if (effective.learns()) {
            keys.add("\"learn\":true");
        }
        return keys.isEmpty() ? Optional.empty() : Optional.of("{" + String.join(",", keys) + "}");
    }
}
