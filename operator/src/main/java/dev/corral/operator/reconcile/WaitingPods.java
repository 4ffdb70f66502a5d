package dev.corral.operator.reconcile;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who is about to take which waiting pod: an execution that claims it, or its pool that deletes it. It keeps two decisions of this
 * process from one pod; what is claimed for good stands in the executions' status, and is never looked up here alone.
 */
final class WaitingPods {
    private final Map<String, String> takers = new ConcurrentHashMap<>();
    /** Names of pods made for a run that the cache may not show yet: such a run takes no waiting pod besides. */
    private final Set<String> cold = ConcurrentHashMap.newKeySet();

    /** Pods that changed hands, which the cache may not show yet. */
    private final Set<String> handedOver = ConcurrentHashMap.newKeySet();

    private final InstantSource clock;
    private volatile Instant lastTaken = Instant.EPOCH;

    WaitingPods(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether the pod is the taker's now; asking again is fine. */
    boolean take(String podUID, String taker) {
        return taker.equals(takers.computeIfAbsent(podUID, free -> taker));
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

    /** An execution took one just now: refills wait a moment. */
    void claimed() {
        lastTaken = clock.instant();
    }

    Instant lastClaim() {
        return lastTaken;
    }

    /** The write that would have taken it is known not to have happened. */
    void giveBack(String podUID, String taker) {
        takers.remove(podUID, taker);
    }

    Optional<String> taker(String podUID) {
        return Optional.ofNullable(takers.get(podUID));
    }

    /** Whether the pod is to change hands now; false where that has happened already. */
    boolean handsOver(String podUID) {
        return handedOver.add(podUID);
    }

    /** The cache shows whose the pod is, or that it is gone; or it is known that it did not change hands. */
    void handedOver(String podUID) {
        handedOver.remove(podUID);
    }

    /** The pod is gone for good. */
    void forget(String podUID) {
        takers.remove(podUID);
    }
}
