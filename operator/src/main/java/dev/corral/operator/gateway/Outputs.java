package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import java.util.HashMap;
import java.util.Map;

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
        /** Of each artifact the digest that was counted last. */
        private final Map<String, String> counted = new HashMap<>();
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

    /** The store has the artifact now. The same bytes count once, also where tries overlap and none finds what another brought. */
    void keeps(SessionId id, String name, StoredArtifact stored) {
        sessions.get(id).ifPresent(taken -> {
            synchronized (taken) {
                if (!stored.sha256().equals(taken.counted.put(name, stored.sha256()))) {
                    taken.kept += stored.size();
                }
            }
        });
    }

    /** The upload is over. */
    void settle(SessionId id, long reserved) {
        sessions.get(id).ifPresent(taken -> {
            synchronized (taken) {
                taken.reserved -= reserved;
            }
        });
    }

    /** What it knows of runs, so that somebody forgets it with them. */
    Recent<SessionId, ?> memory() {
        return sessions;
    }
}
