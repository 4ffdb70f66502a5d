package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.Ttl;
import dev.corral.operator.permission.Durations;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is cleared after the end, and when: the pod with its log, and, if the execution asks for it, the execution itself. To clear a pod
 * is work for its node, so runs that ended together are cleared over a while, and in a surge nothing is that need not be.
 */
record Retention(Duration logs) {
    /** Cleared later than asked for by up to one part in so many, and no more than that. */
    private static final int PART = 10;

    private static final Duration MOST = Duration.ofMinutes(1);

    Decision afterEnd(Snapshot world, Instant now) {
        PluginExecution execution = world.execution();
        Duration settling = Claim.settling(execution.getStatus(), world.pools().surge(), now);
        if (settling.isPositive() && !RunState.stuck(world)) {
            return Decision.nothing().again(settling);
        }
        Instant end = StatusDraft.time(execution.getStatus().completionTime()).orElse(now);
        List<Action.Cleared> clear = new ArrayList<>(RunState.adopt(world));
        Duration next = Duration.ofDays(3650);
        Optional<Ttl> ttl = Optional.ofNullable(execution.getSpec()).map(PluginExecutionSpec::ttl);
        if (world.pod().isPresent() && RunState.owns(execution, world.pod().get())) {
            Duration stays = ttl.flatMap(asked -> Durations.read(asked.logs())).orElse(logs);
            Duration left = Duration.between(now, due(world, end, stays));
            boolean ran = Claim.of(execution.getStatus()).isPresent();
            // stuck: we died between the end and the deletion
            if (!ran || RunState.stuck(world) || !left.isPositive()) {
                clear.addAll(RunState.deletePod(world));
            } else {
                next = left;
            }
        }
        Optional<Duration> keep = ttl.flatMap(asked -> Durations.read(asked.execution()));
        if (keep.isPresent()) {
            Duration left = Duration.between(now, due(world, end, keep.get()));
            if (!left.isPositive()) {
                clear.add(new Action.DeleteExecution(
                        execution.getMetadata().getNamespace(),
                        execution.getMetadata().getName(),
                        execution.getMetadata().getUid()));
            } else {
                next = Clocks.shorter(left, next);
            }
        }
        if (isBehind(execution)) {
            ObjectMeta which = execution.getMetadata();
            clear.add(new Action.ObserveSpec(which.getNamespace(), which.getName(), which.getUid()));
        }
        Decision decision = Decision.nothing().clearing(clear);
        return next.toDays() < 3650 ? decision.again(next) : decision;
    }

    /** ttl, suspend and cancel may change after the end: who waits for a status about that spec would wait for ever. */
    private static boolean isBehind(PluginExecution execution) {
        Long observed = execution.getStatus().observedGeneration();
        Long generation = execution.getMetadata().getGeneration();
        return observed != null && generation != null && observed < generation;
    }

    private static Instant due(Snapshot world, Instant end, Duration ttl) {
        Instant due = end.plus(ttl).plus(spread(world.execution().getMetadata().getUid(), ttl));
        return world.pools().surge() ? due.plus(Claim.SETTLING_IN_SURGE) : due;
    }

    /** How much later one of many is cleared: the same at each look, and another for each. */
    static Duration spread(String uid, Duration ttl) {
        return Clocks.shorter(ttl.dividedBy(PART), MOST)
                .multipliedBy(Math.floorMod(uid.hashCode(), 100))
                .dividedBy(100);
    }
}
