package dev.corral.operator.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** How fast one pool is filled: a bucket of tokens, one per pod, that claims may empty for a moment. Kept by the loop of the pools. */
final class PoolPace {
    /**
     * Claims run until this long after the last one: a pod that starts takes most of a second of a core, and so does one that ends, on
     * the node that runs what was claimed.
     */
    private static final Duration RIGHT_OF_WAY = Duration.ofSeconds(1);

    /** While claims run no pod is made before refills have waited this long; then one round of them, and claims again. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private double tokens;
    private Instant filled = Instant.EPOCH;
    private Instant deferredSince = Instant.EPOCH;
    private Optional<Instant> written = Optional.empty();
    private int budget;
    private boolean claimsRun;

    /** Before a decision. */
    void tick(int perSecond, Instant lastClaim, Instant now) {
        double seconds = Math.max(0, Duration.between(filled, now).toMillis() / 1000.0);
        tokens = Math.min(Math.max(1, perSecond), tokens + Math.min(seconds, 1) * perSecond);
        filled = now;
        claimsRun = now.isBefore(lastClaim.plus(RIGHT_OF_WAY));
        if (!claimsRun) {
            deferredSince = Instant.EPOCH;
        } else if (deferredSince.equals(Instant.EPOCH)) {
            deferredSince = now;
        }
        boolean waits = claimsRun && now.isBefore(deferredSince.plus(PATIENCE));
        budget = waits ? 0 : (int) tokens;
        if (claimsRun && !waits) {
            deferredSince = now; // one round, then claims again
        }
    }

    int budget() {
        return budget;
    }

    boolean claimsRun() {
        return claimsRun;
    }

    /** One for every pod the budget allows. */
    List<String> nonces() {
        List<String> nonces = new ArrayList<>();
        for (int i = 0; i < budget; i++) {
            nonces.add(HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong()));
        }
        return nonces;
    }

    void made(int pods) {
        tokens = Math.max(0, tokens - pods);
    }

    Optional<Instant> written() {
        return written;
    }

    void wrote(Instant now) {
        written = Optional.of(now);
    }
}
