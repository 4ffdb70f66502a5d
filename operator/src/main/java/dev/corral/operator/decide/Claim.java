package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A claim as it stands in a status: which pod and session may run which attempt, since when and for how long. */
record Claim(int number, String pod, String podUID, String session, Instant at, Duration timeout) {
    /** What a run gets whose limits cannot be read; the schema makes them readable. */
    private static final Duration LONGEST = Duration.ofHours(24);

    /**
     * How long after a warm claim the writes follow that nobody waits for: the new owner of the pod, and Events. Until then API server and
     * node are left to other claims; most runs are over before, and have had one write for their start and one for their end.
     */
    static final Duration SETTLING = Duration.ofSeconds(2);

    /** The same while executions take pods one after the other. */
    static final Duration SETTLING_IN_SURGE = Duration.ofSeconds(10);

    static Optional<Claim> of(@Nullable PluginExecutionStatus status) {
        Attempt attempt = status == null ? null : status.attempt();
        if (status == null
                || attempt == null
                || attempt.number() == null
                || attempt.pod() == null
                || attempt.podUID() == null
                || attempt.session() == null) {
            return Optional.empty();
        }
        return Optional.of(new Claim(
                attempt.number(),
                attempt.pod(),
                attempt.podUID(),
                attempt.session(),
                StatusDraft.time(attempt.claimTime()).orElse(Instant.EPOCH),
                timeout(status)));
    }

    /** How long what nobody waits for is to wait; not at all for a pod that was made for the run. */
    static Duration settling(@Nullable PluginExecutionStatus status, boolean surge, Instant now) {
        return of(status)
                .filter(claim -> status != null && StandingNotes.warm(status))
                .map(claim -> Duration.between(now, claim.at().plus(surge ? SETTLING_IN_SURGE : SETTLING)))
                .filter(Duration::isPositive)
                .map(left -> Clocks.shorter(left, SETTLING_IN_SURGE)) // a clock set back makes nobody wait for it
                .orElse(Duration.ZERO);
    }

    private static Duration timeout(PluginExecutionStatus status) {
        if (status.assignment() == null || status.assignment().limits() == null) {
            return LONGEST;
        }
        Long millis = status.assignment().limits().timeoutMillis();
        return millis == null ? LONGEST : Duration.ofMillis(millis);
    }
}
