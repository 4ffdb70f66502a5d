package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.RunReport;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Optional;

/**
 * All that is known of the pod of a run. {@code told} is its launcher's report as the gateway tells it, while it is not in the status;
 * {@code sealed} is the report from its termination message, present only when its seal is valid, and perhaps about another execution;
 * {@code refusal} is what the API server said when it was last asked for; {@code unmounted} what the kubelet said last of a volume of this
 * pod that it cannot mount.
 */
public record PodFacts(
        Optional<Pod> pod,
        Optional<RunReport> told,
        Optional<Sealed> sealed,
        Optional<String> refusal,
        Optional<String> unmounted) {
    /** No pod, and nothing heard of one. */
    public static final PodFacts NONE =
            new PodFacts(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    PodFacts refused(String words) {
        return new PodFacts(pod, told, sealed, Optional.of(words), unmounted);
    }

    PodFacts found(Pod other) {
        return new PodFacts(Optional.of(other), told, sealed, refusal, unmounted);
    }
}
