package dev.corral.operator.gateway;

import java.time.Duration;
import java.time.Instant;

/** So many at once, and then one per interval; kept as the instant at which it was or will be empty. Not thread-safe. */
final class TokenBucket {
    private final Duration interval;
    private final Duration whole;
    private Instant emptyAt = Instant.MIN;

    TokenBucket(int burst, Duration interval) {
        this.interval = interval;
        this.whole = interval.multipliedBy(burst);
    }

    boolean take(Instant now) {
        return take(now, 0);
    }

    /** Takes one only if so many more are left. */
    boolean take(Instant now, int leaving) {
        var empty = empty(now);
        if (empty.plus(interval.multipliedBy(1 + leaving)).isAfter(now)) {
            return false;
        }
        emptyAt = empty.plus(interval);
        return true;
    }

    /** Whether there is one to take. */
    boolean has(Instant now) {
        return !empty(now).plus(interval).isAfter(now);
    }

    private Instant empty(Instant now) {
        if (emptyAt.isAfter(now)) {
            emptyAt = now; // the clock was set back: how long ago the last one was taken, nobody can tell
        }
        var full = now.minus(whole);
        return emptyAt.isBefore(full) ? full : emptyAt;
    }
}
