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
    /** So many claims within that time are a surge. A node that stops for a second in the middle of one does not end it. */
    private static final int MANY = 8;

    private static final Duration SURGE = Duration.ofMillis(1500);

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
        return !latest.isEmpty() && isWithin(RIGHT_OF_WAY, latest.getLast());
    }

    synchronized boolean surges() {
        return latest.size() == MANY && isWithin(SURGE, latest.getFirst());
    }

    private boolean isWithin(Duration time, Instant claim) {
        return clock.instant().isBefore(claim.plus(time));
    }
}
