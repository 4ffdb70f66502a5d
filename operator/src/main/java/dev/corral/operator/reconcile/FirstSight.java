package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnAddFilter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** When a new execution came by the watch: the zero of its timings, before it waits for its turn. It filters nothing. */
final class FirstSight implements OnAddFilter<PluginExecution> {
    /** Whoever was not looked at after this time waits for something else than a thread. */
    private static final Duration NEW = Duration.ofMillis(500);

    private final Map<String, Instant> seen = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private volatile Instant latest = Instant.EPOCH;

    FirstSight(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean accept(PluginExecution execution) {
        if (execution.getStatus() == null) {
            Instant now = clock.instant();
            seen.putIfAbsent(execution.getMetadata().getUid(), now);
            latest = now;
        }
        return true;
    }

    /** Somebody else looks after it. */
    void forget(PluginExecution execution) {
        seen.remove(execution.getMetadata().getUid());
    }

    /** Whether some came just now and have no status yet. */
    boolean newcomers() {
        Instant since = clock.instant().minus(NEW);
        return latest.isAfter(since) && seen.values().stream().anyMatch(since::isBefore);
    }

    /** This status stands now: it knows the zero itself once it says when the run began. */
    void wrote(PluginExecution execution, PluginExecutionStatus status) {
        if (status.startTime() != null) {
            seen.remove(execution.getMetadata().getUid());
        }
    }

    /** Empty for one that is not new, whose status knows better. */
    Optional<Instant> of(PluginExecution execution) {
        String uid = execution.getMetadata().getUid();
        if (execution.getStatus() != null && execution.getStatus().startTime() != null) {
            seen.remove(uid);
            return Optional.empty();
        }
        return Optional.ofNullable(seen.get(uid));
    }
}
