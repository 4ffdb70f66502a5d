package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnAddFilter;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** When a new execution came by the watch: the zero of its timings, before it waits for its turn. It filters nothing. */
final class FirstSight implements OnAddFilter<PluginExecution> {
    private final Map<String, Instant> seen = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private Instant last = Instant.EPOCH;

    FirstSight(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean accept(PluginExecution execution) {
        if (execution.getStatus() == null) {
            seen.computeIfAbsent(execution.getMetadata().getUid(), uid -> next());
        }
        return true;
    }

    /** Never twice the same: a watch brings many at once, in the order they were created, and that is the order of their turns. */
    private synchronized Instant next() {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        last = now.isAfter(last) ? now : last.plus(1, ChronoUnit.MICROS);
        return last;
    }

    /** It is gone, or somebody else looks after it. */
    void forget(PluginExecution execution) {
        seen.remove(execution.getMetadata().getUid());
    }

    /** Empty for one that is not new: its status knows better, or says that it has no clock yet. */
    Optional<Instant> of(PluginExecution execution) {
        String uid = execution.getMetadata().getUid();
        if (execution.getStatus() != null) {
            seen.remove(uid);
            return Optional.empty();
        }
        return Optional.ofNullable(seen.get(uid));
    }
}
