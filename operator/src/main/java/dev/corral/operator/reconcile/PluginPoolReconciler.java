package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.Applier.Creation;
import dev.corral.operator.decide.Action;
import dev.corral.operator.decide.PoolDecider;
import dev.corral.operator.decide.PoolDecision;
import dev.corral.operator.decide.PoolSnapshot;
import dev.corral.operator.reconcile.WaitingPods.Taker;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Gather, decide, act for pools: the loop around {@link PoolDecider}. It reads every pod of its pool, and each of them changes half a
 * dozen times while it starts: so it looks at most twice a second (at four times, a fifth of the process's CPU time went into it).
 */
@RateLimited(maxReconciliations = 2, within = 1)
@ControllerConfiguration(name = "pluginpool")
public final class PluginPoolReconciler implements Reconciler<PluginPool> {
    private static final Duration SOON = Duration.ofMillis(300);
    /** How long a pod we made may be missing from the cache before it counts as gone. */
    private static final Duration IN_FLIGHT = Duration.ofSeconds(10);

    private final PoolDecider decider;
    private final Applier applier;
    private final Effects effects;
    private final MeterRegistry meters;
    private final PoolsShared shared;
    private final InstantSource clock;
    private final Bulkhead<PluginPool> bulkhead = new Bulkhead<>(PluginPool.class, Bulkhead.POOLS);
    private final Map<String, Kept> kept = new ConcurrentHashMap<>();

    PluginPoolReconciler(
            PoolDecider decider, Applier applier, MeterRegistry meters, PoolsShared shared, InstantSource clock) {
        this.decider = decider;
        this.applier = applier;
        this.effects = new Effects(applier);
        this.meters = meters;
        this.shared = shared;
        this.clock = clock;
    }

    /** What is remembered of one pool from look to look; nothing of it is needed after a restart. */
    private record Kept(PoolPace pace, Map<String, Made> inFlight) {}

    private record Made(Pod pod, Instant at) {}

    @Override
    public List<EventSource<?, PluginPool>> prepareEventSources(EventSourceContext<PluginPool> context) {
        shared.bell().knows(() -> context.getPrimaryCache().list());
        bulkhead.knows(context.getPrimaryCache()::get);
        return List.of(
                shared.bell().source(),
                bulkhead,
                new Deletions<>(
                        PluginPool.class, pool -> kept.remove(pool.getMetadata().getUid())));
    }

    @Override
    public UpdateControl<PluginPool> reconcile(PluginPool pool, Context<PluginPool> context) {
        return bulkhead.lets(pool, () -> reconcile(pool));
    }

    private UpdateControl<PluginPool> reconcile(PluginPool pool) {
        meters.counter(PluginExecutionReconciler.LOOKS, "kind", "PluginPool").increment();
        Optional<SnapshotGatherer> gatherer = shared.gatherer();
        if (gatherer.isEmpty()) {
            return UpdateControl.<PluginPool>noUpdate().rescheduleAfter(SOON); // pods unseen would be made again
        }
        if (pool.getMetadata().getDeletionTimestamp() != null) {
            kept.remove(pool.getMetadata().getUid());
            return UpdateControl.noUpdate(); // the owner reference takes what waits along
        }
        if (!gatherer.get().served().serves(pool.getMetadata().getNamespace())) {
            kept.remove(pool.getMetadata().getUid());
            clear(gatherer.get().abandoned(pool), pool);
            return UpdateControl.noUpdate(); // the bell rings when labels or installations change
        }
        Instant now = clock.instant();
        Kept mine = kept.computeIfAbsent(
                pool.getMetadata().getUid(), uid -> new Kept(new PoolPace(), new ConcurrentHashMap<>()));
        mine.pace().tick(PoolDecider.refill(pool), shared.traffic(), now);
        PoolSnapshot world = gatherer.get().gather(pool, inFlight(mine, now), mine.pace(), Optional.empty(), now);
        world.pods().forEach(pod -> landed(mine, pod));
        PoolDecision decision = decider.decide(world, now);
        Optional<String> refused = lay(mine, decision.lay(), now);
        if (refused.isPresent()) {
            decision = decider.decide(gatherer.get().gather(pool, List.of(), mine.pace(), refused, now), now);
        }
        clear(decision.clear(), pool);
        gatherer.get().used(pool).forEach(effects::clear);
        if (decision.status().isPresent()) {
            applier.applyStatus(pool, new PluginPool(), decision.status().get());
            mine.pace().wrote(now);
        }
        return UpdateControl.<PluginPool>noUpdate()
                .rescheduleAfter(refused.isPresent() ? Duration.ofSeconds(5) : decision.lookAgain());
    }

    private static Collection<Pod> inFlight(Kept mine, Instant now) {
        mine.inFlight().values().removeIf(made -> now.isAfter(made.at().plus(IN_FLIGHT)));
        return mine.inFlight().values().stream().map(Made::pod).toList();
    }

    /** A pod that comes from the cache is no longer in flight. */
    private static void landed(Kept mine, Pod pod) {
        mine.inFlight().computeIfPresent(pod.getMetadata().getName(), (name, made) -> made.pod() == pod ? made : null);
    }

    /** No pod without its policies; the first refusal is the last of this round. */
    private Optional<String> lay(Kept mine, List<Action.Laid> actions, Instant now) {
        for (Action.Laid action : actions) {
            Optional<String> refused = action instanceof Action.CreatePod(var pod)
                    ? make(mine, pod, now)
                    : effects.lay(action, due -> shared.laid().laid(due, now));
            if (refused.isPresent()) {
                return refused;
            }
        }
        return Optional.empty();
    }

    private Optional<String> make(Kept mine, Pod pod, Instant now) {
        Creation creation = applier.create(pod);
        if (creation instanceof Creation.Refused(var words)) {
            return Optional.of(words);
        }
        if (creation instanceof Creation.Made(var made)) {
            mine.inFlight().put(made.getMetadata().getName(), new Made(made, now));
        }
        mine.pace().made(1);
        return Optional.empty();
    }

    /** Only what no execution is about to take. */
    private void clear(List<Action.DeletePod> deletions, PluginPool pool) {
        Taker taker = Taker.of(pool);
        for (Action.DeletePod deletion : deletions) {
            if (shared.waiting().take(deletion.uid(), taker)) {
                try {
                    effects.clear(deletion);
                } catch (RuntimeException failed) {
                    shared.waiting().giveBack(deletion.uid(), taker);
                    throw failed;
                }
            }
        }
    }
}
