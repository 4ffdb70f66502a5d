package dev.corral.operator.queue;

import java.time.Duration;
import java.time.Instant;

/**
 * A namespace whose ResourceQuota refused a pod. When there may be room the first in line asks; where it is refused, one {@code other} does,
 * for what has no room for the first may have some for a smaller one. Then it is shut: until a wait that doubles is over, or a pod of the
 * namespace has ended. {@code asker}: who asks just now, or, while it is open for another, who was refused as the first.
 * {@code round}: in each, everybody is the other once.
 */
record Quota(String words, Duration patience, Instant next, boolean open, boolean other, String asker, int round) {
    private static final Duration SHORTEST = Duration.ofSeconds(2);
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final String NOBODY = "";

    /** Nobody knew of it yet. */
    static Quota of(String uid, String words, Instant now) {
        return new Quota(words, SHORTEST, now.plus(SHORTEST), true, true, uid, 0);
    }

    Quota refused(String uid, String again, Instant now) {
        if (asks() && !asker.equals(uid)) {
            return new Quota(again, patience, next, open, other, asker, round);
        }
        if (asks() && !other) {
            Duration longer = patience.multipliedBy(2);
            Duration bounded = longer.compareTo(LONGEST) > 0 ? LONGEST : longer;
            return new Quota(again, bounded, now.plus(bounded), true, true, uid, round);
        }
        return new Quota(again, patience, now.plus(patience), false, false, NOBODY, round);
    }

    /** There may be room. Whoever asks just now is heard first: its answer lets the next one ask. */
    Quota opened() {
        return asks()
                ? new Quota(words, SHORTEST, next, open, other, asker, round)
                : new Quota(words, SHORTEST, next, true, false, NOBODY, round);
    }

    /** Its pod was created, or it went away. */
    Quota without(String uid) {
        return asker.equals(uid) ? new Quota(words, SHORTEST, next, true, false, NOBODY, round) : opened();
    }

    /** Its wait is over. */
    Quota at(Instant now) {
        return now.isBefore(next) || open && !other
                ? this
                : new Quota(words, patience, next, true, false, NOBODY, round);
    }

    /** It asks just now; who dies over it is not waited for for long. */
    Quota taken(String uid, Instant now) {
        return new Quota(words, patience, now.plus(LONGEST), false, other, uid, round);
    }

    Quota nextRound() {
        return new Quota(words, patience, next, open, other, asker, round + 1);
    }

    private boolean asks() {
        return !open && !asker.equals(NOBODY);
    }
}
