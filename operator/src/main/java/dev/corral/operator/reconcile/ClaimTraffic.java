package dev.corral.operator.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How fast executions take waiting pods, all namespaces together: refills and what nobody waits for give way to them. A pod that starts
 * takes its node most of a second of a core, and one that ends nearly as much.
 */
final class ClaimTraffic {
    /** Claims run until this long after the last one. */
    private static final Duration RIGHT_OF_WAY = Duration.ofSeconds(1);
    /** So many claims within that time are a surge. */
    private static final int MANY = 5;

    private final InstantSource clock;
    private final Deque<Instant> latest = new ArrayDeque<>();

    ClaimTraffic(InstantSource clock) {
        this.clock = clock;
    }

    /** An execution took a pod just now. */
    synchronized void claimed() {
        latest.addLast(clock.instant());
        if (latest.size() > MANY) {
            latest.removeFirst();
        }
    }

    synchronized boolean runs() {
        return !latest.isEmpty() && isRecent(latest.getLast());
    }

    synchronized boolean surges() {
        return latest.size() == MANY && isRecent(latest.getFirst());
    }

    private boolean isRecent(Instant claim) {
        return clock.instant().isBefore(claim.plus(RIGHT_OF_WAY));
    }
}
