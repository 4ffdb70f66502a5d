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
     * Once claims run no pod is made for so long: a burst is over by then. While they go on, refills do beside them, a few pods at a
     * time.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** In a surge refills could not keep up, and would slow down runs that find a pod without them. */
    private static final Duration PATIENCE_IN_SURGE = Duration.ofSeconds(10);

    private double tokens;
    private Instant filled = Instant.EPOCH;
    private Instant claimsSince = Instant.EPOCH;
    private Optional<Instant> written = Optional.empty();
    private int budget;
    private boolean claimsRun;

    /** Before a decision. */
    void tick(int perSecond, ClaimTraffic traffic, Instant now) {
        double seconds = Math.max(0, Duration.between(filled, now).toMillis() / 1000.0);
        tokens = Math.min(Math.max(1, perSecond), tokens + Math.min(seconds, 1) * perSecond);
        filled = now;
        claimsRun = traffic.runs();
        if (!claimsRun) {
            claimsSince = Instant.EPOCH;
        } else if (claimsSince.equals(Instant.EPOCH)) {
            claimsSince = now;
        }
        Duration patience = traffic.surges() ? PATIENCE_IN_SURGE : PATIENCE;
        budget = claimsRun && now.isBefore(claimsSince.plus(patience)) ? 0 : (int) tokens;
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
