package dev.corral.operator.render;

import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import io.fabric8.kubernetes.api.model.OwnerReference;
import java.time.Duration;
import java.util.Map;

/**
 * Who a pod is: its name, the user it runs as, who controls it, and what of it is written down beside the class. {@code starts} is how
 * long its start may take; {@code waits} how long it may stand idle before its run, zero for a pod that was made for one.
 */
public record PodIdentity(
        String name,
        long user,
        OwnerReference owner,
        Map<String, String> annotations,
        Duration starts,
        Duration waits) {
    /** What a start may take where nobody says more. */
    public static final Duration STARTS = Duration.ofMinutes(5);

    public PodIdentity {
        annotations = Map.copyOf(annotations);
    }

    /** The pod of one attempt. */
    public static PodIdentity ofRun(RunIdentity run, Duration starts) {
        return new PodIdentity(
                ObjectNames.pod(run),
                ObjectNames.uid(run),
                OwnedLabels.owner("PluginExecution", run.name(), run.uid()),
                OwnedLabels.ofRun(run),
                starts,
                Duration.ZERO);
    }

    /** A pod of a pool. {@code nonce} is never used twice; {@code kind} says for which runs, {@code template} from what the pod was made. */
    public static PodIdentity ofPool(
            String pool, String poolUID, String nonce, String kind, String template, Duration waits) {
        return new PodIdentity(
                ObjectNames.waitingPod(poolUID, nonce),
                ObjectNames.waitingUid(poolUID, nonce),
                OwnedLabels.owner("PluginPool", pool, poolUID),
                Map.of(OwnedLabels.POOL, pool, OwnedLabels.KIND, kind, OwnedLabels.TEMPLATE, template),
                STARTS,
                waits);
    }
}
