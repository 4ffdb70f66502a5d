package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.PluginExecution;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Starts go before ends. What follows a report – two writes of a status and a pod that is taken down – takes as much of a node as many
 * claims do; so it waits for executions that came just now and have no pod yet, if not for long.
 */
final class RightOfWay implements GatewayCluster.ExecutionListener {
    /** Whoever has no pod after this time waits for one to start, or for its turn, and no report is in its way. */
    static final Duration CLAIMED_WITHIN = Duration.ofMillis(500);
    /** No report waits longer, whatever comes meanwhile. */
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private final InstantSource clock;
    /** Executions without a pod, by uid, and when they were seen first. */
    private final Map<String, Instant> unclaimed = new HashMap<>();

    RightOfWay(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public synchronized void changed(PluginExecution execution) {
        var status = execution.getStatus();
        var uid = execution.getMetadata().getUid();
        if (status == null) {
            unclaimed.putIfAbsent(uid, clock.instant());
        } else if (unclaimed.remove(uid) != null) {
            notifyAll();
        }
    }

    @Override
    public synchronized void gone(String namespace, String name, String uid) {
        if (unclaimed.remove(uid) != null) {
            notifyAll();
        }
    }

    /** How long at most the newest of them is still waited for; empty where nobody is. */
    private Optional<Duration> claimsRun() {
        var now = clock.instant();
        unclaimed.values().removeIf(seen -> !now.isBefore(seen.plus(CLAIMED_WITHIN)));
        return unclaimed.values().stream()
                .max(Instant::compareTo)
                .map(newest -> Duration.between(now, newest.plus(CLAIMED_WITHIN)));
    }

    /** Returns as soon as no claim is to be expected, or patience ends. */
    synchronized void giveWay() {
        var end = clock.instant().plus(PATIENCE);
        for (var left = claimsRun(); left.isPresent(); left = claimsRun()) {
            var patience = Duration.between(clock.instant(), end);
            if (!patience.isPositive()) {
                return;
            }
            try {
                wait(Math.max(1, Math.min(left.get().toMillis(), patience.toMillis())));
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
