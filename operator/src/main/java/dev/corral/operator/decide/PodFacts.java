package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.RunReport;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Optional;

/**
 * All that is known of the pod of a run. {@code owned} are all pods of its execution, those of earlier attempts too; {@code told} is its
 * launcher's report as the gateway tells it, while it is not in the status; {@code sealed} is the report from its termination message,
 * present only when its seal is valid, and perhaps about another execution; {@code refusal} is what the API server said when it was last
 * asked for; {@code unmounted} what the kubelet said last of a volume of this pod that it cannot mount.
 */
public record PodFacts(
        Optional<Pod> pod,
        List<Pod> owned,
        Optional<RunReport> told,
        Optional<Sealed> sealed,
        Optional<String> refusal,
        Optional<String> unmounted) {
    /** No pod, and nothing heard of one. */
    public static final PodFacts NONE = of(Optional.empty());

    public PodFacts {
        owned = List.copyOf(owned);
    }

    /** A pod, and nothing heard of it. */
    public static PodFacts of(Optional<Pod> pod) {
        return new PodFacts(pod, List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    PodFacts refused(String words) {
        return new PodFacts(pod, owned, told, sealed, Optional.of(words), unmounted);
    }

    PodFacts found(Pod other) {
        return new PodFacts(Optional.of(other), owned, told, sealed, refusal, unmounted);
    }
}
