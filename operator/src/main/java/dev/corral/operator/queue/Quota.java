package dev.corral.operator.queue;

import java.time.Duration;
import java.time.Instant;

/**
 * A namespace whose ResourceQuota refused a pod. While it is shut one execution at a time asks again: after a wait that doubles, or at
 * once when a pod of the namespace has ended.
 */
record Quota(String words, Duration patience, Instant next, boolean open) {
    private static final Duration SHORTEST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    static Quota shut(String words, Instant now) {
        return new Quota(words, SHORTEST, now.plus(SHORTEST), false);
    }

    Quota refusedAgain(String again, Instant now) {
        Duration longer = patience.multipliedBy(2);
        Duration bounded = longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
        return new Quota(again, bounded, now.plus(bounded), false);
    }

    /** The next in line may ask. */
    Quota opened() {
        return new Quota(words, SHORTEST, next, true);
    }

    /** Its wait is over. */
    Quota at(Instant now) {
        return open || now.isBefore(next) ? this : new Quota(words, patience, next, true);
    }

    /** Somebody asks just now; who dies over it is not waited for for long. */
    Quota taken(Instant now) {
        return new Quota(words, patience, now.plus(LONGEST), false);
    }
}
