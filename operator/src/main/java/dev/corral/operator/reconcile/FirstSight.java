package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnAddFilter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** When a new execution came by the watch: the zero of its timings, before it waits for its turn. It filters nothing. */
final class FirstSight extends AbstractEventSource<PluginExecution, PluginExecution>
        implements OnAddFilter<PluginExecution>, ResourceEventAware<PluginExecution> {
    private final Map<String, Instant> seen = new ConcurrentHashMap<>();
    private final InstantSource clock;

    FirstSight(InstantSource clock) {
        super(PluginExecution.class, "first-sight");
        this.clock = clock;
    }

    @Override
    public boolean accept(PluginExecution execution) {
        if (execution.getStatus() == null) {
            seen.putIfAbsent(execution.getMetadata().getUid(), clock.instant());
        }
        return true;
    }

    /** Somebody else looks after it. */
    void forget(PluginExecution execution) {
        seen.remove(execution.getMetadata().getUid());
    }

    @Override
    public void onResourceDeleted(PluginExecution execution) {
        forget(execution);
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

    @Override
    public Set<PluginExecution> getSecondaryResources(PluginExecution primary) {
        return Set.of();
    }
}
