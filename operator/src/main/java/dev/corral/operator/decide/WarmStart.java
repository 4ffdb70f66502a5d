package dev.corral.operator.decide;

import dev.corral.operator.observe.PodReader;
import dev.corral.operator.plan.ExecutionPlan;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which waiting pod an execution takes, or why it takes none. */
final class WarmStart {
    static final String NOT_POOLED = "class not in the pool";
    static final String NONE_READY = "no pod ready in the pool";

    private WarmStart() {}

    /** A pod of exactly the plan's class, behind its policies as they are, that proved what the plan needs. Executions that decide at the same moment begin to look at different places. */
    static Optional<Pod> choose(Snapshot world, ExecutionPlan plan) {
        List<Pod> waiting = world.pools().waiting();
        Instant since = waiting.isEmpty() ? Instant.MAX : Laying.since(world.surroundings(), plan);
        int from = waiting.isEmpty() ? 0 : Math.floorMod(plan.run().uid().hashCode(), waiting.size());
        for (int i = 0; i < waiting.size(); i++) {
            Pod pod = waiting.get((from + i) % waiting.size());
            if (RunState.samePlan(pod, plan) && Laying.isMade(pod, since) && proven(pod, plan)) {
                return Optional.of(pod);
            }
        }
        return Optional.empty();
    }

    /** Empty where there are no pools to speak of. */
    static Optional<String> coldReason(Snapshot world, ExecutionPlan plan) {
        if (world.pools().classes().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(world.pools().classes().contains(plan.sandboxClass()) ? NONE_READY : NOT_POOLED);
    }

    /** A pod that does not prove everything needed is no reason to fail a run that could start cold. */
    private static boolean proven(Pod pod, ExecutionPlan plan) {
        return PodReader.launcher(pod)
                .filter(launcher -> Proofs.of(plan.permissions(), launcher.evidence())
                        .missing()
                        .isEmpty())
                .isPresent();
    }
}
