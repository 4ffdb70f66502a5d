package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.operator.permission.Durations;
import java.time.Duration;

/** How often to try and how long to wait in between, doubled each time up to five minutes. */
record Retries(int most, Duration backoff) {
    private static final Retries ONCE = new Retries(1, Duration.ofSeconds(1));
    private static final Duration LONGEST = Duration.ofMinutes(5);

    static Retries of(PluginExecutionSpec spec) {
        if (spec.retry() == null) {
            return ONCE;
        }
        int most = spec.retry().maxAttempts() == null ? ONCE.most : spec.retry().maxAttempts();
        return new Retries(most, Durations.read(spec.retry().backoff()).orElse(ONCE.backoff));
    }

    /** The wait after the given attempt, which counts from 1. */
    Duration wait(int attempt) {
        Duration wait = backoff.multipliedBy(1L << Math.min(attempt - 1, 20));
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
