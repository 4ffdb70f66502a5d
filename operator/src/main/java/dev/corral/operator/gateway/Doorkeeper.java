package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Lets so many requests of one address, and of all together, through to where each costs a review by the API server: a handler shares its
 * launcher's address and reaches this port too, with whatever tokens it makes up. Nothing is read out of a token before its review: who
 * makes one up can make up what it says.
 *
 * <p>So an address that was let through is served of what those leave who come for the first time in a minute. A launcher needs one review,
 * and its handler starts after it: however often a handler asks, it costs launchers one review a minute. After a minute the address may be
 * another pod's. What became of a review does not count: who asks may have made it fail.
 */
final class Doorkeeper {
    private static final int BURST = 50;
    private static final Duration INTERVAL = Duration.ofMillis(100);
    /** Four times what starts in a second where one installation is at its end; at more the reviews would hold up reports. */
    static final Duration INTERVAL_OF_ALL = Duration.ofMillis(5);

    static final int BURST_OF_ALL = 1000;
    private static final int FOR_THE_NEW = BURST_OF_ALL / 2;
    private static final Duration NEW_AGAIN = Duration.ofMinutes(1);

    private final InstantSource clock;
    private final Recent<String, Visitor> visitors = new Recent<>(16_384); // more than can be let through in a minute
    private final TokenBucket all = new TokenBucket(BURST_OF_ALL, INTERVAL_OF_ALL);

    private static final class Visitor {
        private final TokenBucket pace = new TokenBucket(BURST, INTERVAL);
        private Instant newAgain = Instant.MIN;
    }

    Doorkeeper(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void admit(String address) {
        var now = clock.instant();
        var visitor = visitors.computeIfAbsent(address, key -> new Visitor());
        if (!visitor.pace.take(now)) {
            throw busy(" of this address");
        }
        var isNew = !visitor.newAgain.isAfter(now);
        if (!all.take(now, isNew ? 0 : FOR_THE_NEW)) {
            throw busy("");
        }
        if (isNew) {
            visitor.newAgain = now.plus(NEW_AGAIN);
        }
    }

    private static Refusal busy(String whose) {
        return new Refusal(503, "Busy", "too many requests" + whose + "; ask again");
    }
}
