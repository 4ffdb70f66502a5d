package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.operator.permission.Durations;
import dev.corral.operator.permission.Parsed;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long things stay after the end, as the execution says; absent or unreadable means the default. */
record Ttls(Optional<Duration> logs, Optional<Duration> execution) {
    static Ttls of(@Nullable PluginExecutionSpec spec) {
        if (spec == null || spec.ttl() == null) {
            return new Ttls(Optional.empty(), Optional.empty());
        }
        return new Ttls(parse(spec.ttl().logs()), parse(spec.ttl().execution()));
    }

    private static Optional<Duration> parse(@Nullable String text) {
        if (text == null) {
            return Optional.empty();
        }
        return switch (Durations.parse(text, "spec.ttl")) {
            case Parsed.Value<Long>(var millis) -> Optional.of(Duration.ofMillis(millis));
            case Parsed.Malformed<Long> malformed -> Optional.empty();
        };
    }
}
