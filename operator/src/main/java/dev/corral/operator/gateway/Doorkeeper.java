package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Lets so many requests of one address through to where each costs a review by the API server: a handler shares its launcher's address
 * and reaches this port too, with whatever tokens it makes up.
 */
final class Doorkeeper {
    private static final int BURST = 50;
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private final InstantSource clock;
    private final Recent<String, TokenBucket> visitors = new Recent<>(4096);

    Doorkeeper(InstantSource clock) {
        this.clock = clock;
    }

    void admit(String address) {
        var bucket = visitors.computeIfAbsent(address, key -> new TokenBucket(BURST, INTERVAL));
        synchronized (bucket) {
            if (!bucket.take(clock.instant())) {
                throw new Refusal(503, "Busy", "too many requests of this address; ask again");
            }
        }
    }
}
