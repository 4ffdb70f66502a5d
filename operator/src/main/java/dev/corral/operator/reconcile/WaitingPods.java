package dev.corral.operator.reconcile;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Who is about to take which waiting pod: an execution that claims it, or its pool that deletes it. It keeps two decisions of this
 * process from one pod; what is claimed for good stands in the executions' status, and is never looked up here alone.
 */
final class WaitingPods {
    private final Map<String, String> takers = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> classes = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private volatile Instant lastTaken = Instant.EPOCH;

    WaitingPods(InstantSource clock) {
        this.clock = clock;
    }

    /** Whether the pod is the taker's now; asking again is fine. */
    boolean take(String podUID, String taker) {
        return taker.equals(takers.computeIfAbsent(podUID, free -> taker));
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

    /** The pod is gone for good. */
    void forget(String podUID) {
        takers.remove(podUID);
    }

    /** The class a pool keeps, or that it keeps none. {@code pool}: namespace and name. */
    void keeps(String namespace, String pool, Optional<String> sandboxClass) {
        classes.compute(namespace, (key, before) -> {
            Set<String> now = before == null ? ConcurrentHashMap.newKeySet() : before;
            now.removeIf(entry -> entry.startsWith(pool + "/"));
            now.add(pool + "/" + sandboxClass.orElse(""));
            return now;
        });
    }

    void forgetPool(String namespace, String pool) {
        classes.computeIfPresent(namespace, (key, now) -> {
            now.removeIf(entry -> entry.startsWith(pool + "/"));
            return now.isEmpty() ? null : now;
        });
    }

    /** The classes that pools of the namespace keep; one that keeps none shows as an empty name. */
    Set<String> classes(String namespace) {
        return classes.getOrDefault(namespace, Set.of()).stream()
                .map(entry -> entry.substring(entry.indexOf('/') + 1))
                .collect(Collectors.toUnmodifiableSet());
    }
}
