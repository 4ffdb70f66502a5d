package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;

/**
 * What the uploads of each session take of the store. A launcher sends the bytes of an artifact once, and the same again if an answer was lost;
 * whoever has its key could send others again and again, or many at once before the store knows of any. So a session has twice the output
 * of its run: the second half is for tries that are given up by the launcher and not yet by us.
 */
final class Outputs {
    private final Recent<SessionId, Taken> sessions = new Recent<>(8192);

    private static final class Taken {
        private long kept;
        private long reserved;
    }

    /** Keeps room for an upload of at most {@code wanted} bytes, until it is settled; the answer is how many it may have. */
    long reserve(SessionId id, long output, long wanted) {
        var taken = sessions.computeIfAbsent(id, key -> new Taken());
        synchronized (taken) {
            var room = 2 * output - taken.kept - taken.reserved;
            if (room < wanted && taken.reserved > 0) {
                throw new Refusal(503, "Busy", "other uploads of the run may still need the room; ask again");
            }
            var most = Math.clamp(wanted, 0, Math.max(0, room));
            taken.reserved += most;
            return most;
        }
    }

    /** The upload is over, and so many bytes of it were kept that the store did not have for the run before. */
    void settle(SessionId id, long reserved, long kept) {
        sessions.get(id).ifPresent(taken -> {
            synchronized (taken) {
                taken.reserved -= reserved;
                taken.kept += kept;
            }
        });
    }

    /** What it knows of runs, so that somebody forgets it with them. */
    Recent<SessionId, ?> memory() {
        return sessions;
    }
}
