package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is cleared after the end, and when: the pod with its log, and, if the execution asks for it, the execution itself. */
record Retention(Duration logs) {
    Decision afterEnd(Snapshot world, Instant now) {
        PluginExecution execution = world.execution();
        Duration settling = Claim.settling(execution.getStatus(), world.pools().surge(), now);
        if (settling.isPositive() && !RunState.stuck(world)) {
            return Decision.nothing().again(settling);
        }
        Instant end = StatusDraft.time(execution.getStatus().completionTime()).orElse(now);
        List<Action> clear = new ArrayList<>(RunState.adopt(world));
        Duration next = Duration.ofDays(3650);
        if (world.pod().isPresent() && RunState.owns(execution, world.pod().get())) {
            Duration left = Duration.between(
                    now, end.plus(Ttls.of(execution.getSpec()).logs().orElse(logs)));
            boolean ran = Claim.of(execution.getStatus()).isPresent();
            // stuck: we died between the end and the deletion
            if (!ran || RunState.stuck(world) || !left.isPositive()) {
                clear.addAll(RunState.deletePod(world));
            } else {
                next = left;
            }
        }
        Optional<Duration> keep = Ttls.of(execution.getSpec()).execution();
        if (keep.isPresent()) {
            Duration left = Duration.between(now, end.plus(keep.get()));
            if (!left.isPositive()) {
                clear.add(new Action.DeleteExecution(
                        execution.getMetadata().getNamespace(),
                        execution.getMetadata().getName(),
                        execution.getMetadata().getUid()));
            } else if (left.compareTo(next) < 0) {
                next = left;
            }
        }
        Decision decision = Decision.nothing().clearing(clear);
        return next.toDays() < 3650 ? decision.again(next) : decision;
    }
}
