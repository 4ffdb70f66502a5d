package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Lets so many requests of one address, and of all together, through to where each costs a review by the API server: a handler shares its
 * launcher's address and reaches this port too, with whatever tokens it makes up. Nothing is read out of a token before its review: who
 * makes one up can make up what it says.
 */
final class Doorkeeper {
    private static final int BURST = 50;
    private static final Duration INTERVAL = Duration.ofMillis(100);
    /** Four times what starts in a second where one installation is at its end; at more the reviews would hold up reports. */
    static final Duration INTERVAL_OF_ALL = Duration.ofMillis(5);

    static final int BURST_OF_ALL = 1000;

    private final InstantSource clock;
    private final Recent<String, TokenBucket> visitors = new Recent<>(4096);
    private final TokenBucket all = new TokenBucket(BURST_OF_ALL, INTERVAL_OF_ALL);

    Doorkeeper(InstantSource clock) {
        this.clock = clock;
    }

    void admit(String address) {
        Instant now = clock.instant();
        take(visitors.computeIfAbsent(address, key -> new TokenBucket(BURST, INTERVAL)), now, " of this address");
        take(all, now, "");
    }

    private static void take(TokenBucket bucket, Instant now, String whose) {
        synchronized (bucket) {
            if (!bucket.take(now)) {
                throw new Refusal(503, "Busy", "too many requests" + whose + "; ask again");
            }
        }
    }
}
