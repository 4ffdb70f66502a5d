package dev.corral.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * Who takes which waiting pod: an execution that claims it, or its pool that deletes it. It keeps two decisions of this process from one
 * pod, and remembers that a pod was used when the execution that used it is gone.
 */
final class WaitingPods {
    /** An object that takes a pod. */
    record Taker(String kind, ResourceID id, String uid) {
        static Taker of(HasMetadata object) {
            return new Taker(
                    object.getKind(),
                    ResourceID.fromResource(object),
                    object.getMetadata().getUid());
        }

        boolean isExecution() {
            return kind.equals("PluginExecution");
        }
    }

    private final Map<String, Taker> takers = new ConcurrentHashMap<>();
    /** Pods whose claim was written, or stands in a status: never given back. */
    private final Set<String> claimed = ConcurrentHashMap.newKeySet();

    /** Names of pods made for a run that the cache may not show yet: such a run takes no waiting pod besides. */
    private final Set<String> cold = ConcurrentHashMap.newKeySet();

    /** Pods that changed hands, which the cache may not show yet. */
    private final Set<String> handedOver = ConcurrentHashMap.newKeySet();

    /** Whether the pod is the taker's now; asking again is fine. */
    boolean take(String podUID, Taker taker) {
        return taker.equals(takers.computeIfAbsent(podUID, free -> taker));
    }

    /**
     * Which of them the taker may take: those nobody has, and of an execution that has one already only that. Its claim may be written and not
     * be seen yet; a second pod, until the write of that fails, would be one that somebody else does not find.
     */
    List<Pod> leftFor(Taker taker, List<Pod> pods) {
        List<Pod> its = pods.stream()
                .filter(pod -> taker.equals(takers.get(pod.getMetadata().getUid())))
                .toList();
        return its.isEmpty()
                ? pods.stream()
                        .filter(pod -> !takers.containsKey(pod.getMetadata().getUid()))
                        .toList()
                : its;
    }

    /** Its execution has it for good. */
    void claims(String podUID, Taker taker) {
        if (take(podUID, taker)) {
            claimed.add(podUID);
        }
    }

    /** What it took without a claim is known not to be wanted any more. */
    void givesBackAll(Taker taker) {
        takers.forEach((podUID, whose) -> {
            if (whose.equals(taker)) {
                giveBack(podUID, taker);
            }
        });
    }

    void startsCold(String pod) {
        cold.add(pod);
    }

    void startedCold(String pod) {
        cold.remove(pod);
    }

    boolean isCold(String pod) {
        return cold.contains(pod);
    }

    /** What would have taken it is known not to have happened; unless it had happened before, which the watch may not show yet. */
    void giveBack(String podUID, Taker taker) {
        if (!claimed.contains(podUID)) {
            takers.remove(podUID, taker);
        }
    }

    Optional<Taker> taker(String podUID) {
        return Optional.ofNullable(takers.get(podUID));
    }

    /**
     * Has the pod change hands, once: the cache may show the old owner for a moment. {@code write}: whether it did; where it did not, the next
     * look tries again.
     */
    void handOver(String podUID, BooleanSupplier write) {
        if (!handedOver.add(podUID)) {
            return;
        }
        boolean done = false;
        try {
            done = write.getAsBoolean();
        } finally {
            if (!done) {
                handedOver.remove(podUID);
            }
        }
    }

    /** The cache shows whose the pod is, or that it is gone. */
    void handedOver(String podUID) {
        handedOver.remove(podUID);
    }

    /** Of a pod that is going nobody asks any more. */
    void heardOf(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            forget(pod.getMetadata().getUid());
        }
    }

    /** It is there no more, however it went. */
    void gone(String podUID) {
        handedOver(podUID);
        forget(podUID);
    }

    /** The pod itself says whose it is. */
    void forget(String podUID) {
        takers.remove(podUID);
        claimed.remove(podUID);
    }
}
