package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfig;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidacy for the Lease {@code corral-controller}: one process leads. It comes before the loop and not, as the SDK has it, within:
 * a candidate that only waits watches nothing and keeps no caches, which would cost as much as the leader's.
 */
public final class Election implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Election.class);
    private static final String LEASE = "corral-controller";

    /**
     * {@code lease}: how long nobody else leads after the last renewal; {@code deadline}: how long a leader tries to renew before it
     * gives up; {@code retry}: how often either tries.
     */
    public record Pace(Duration lease, Duration deadline, Duration retry) {
        /** What Kubernetes' own controllers use. */
        public static final Pace STANDARD =
                new Pace(Duration.ofSeconds(15), Duration.ofSeconds(10), Duration.ofSeconds(2));
    }

    private final CountDownLatch elected = new CountDownLatch(1);
    private final CompletableFuture<?> candidacy;
    private volatile boolean withdrawn;

    /** Stands for election at once. {@code lost}: what a leader does that leads no more, other than by {@link #close}. */
    public Election(KubernetesClient client, String namespace, String identity, Pace pace, Runnable lost) {
        LeaderCallbacks callbacks = new LeaderCallbacks(
                () -> {
                    log.atInfo().addKeyValue("identity", identity).log("leads");
                    elected.countDown();
                },
                () -> {
                    if (leads() && !withdrawn) {
                        log.atError().addKeyValue("identity", identity).log("leads no more");
                        lost.run();
                    }
                },
                leader -> log.atInfo().addKeyValue("leader", leader).log("is led by"));
        candidacy = client.leaderElector()
                .withConfig(new LeaderElectionConfig(
                        new LeaseLock(namespace, LEASE, identity),
                        pace.lease(),
                        pace.deadline(),
                        pace.retry(),
                        callbacks,
                        true,
                        LEASE))
                .build()
                .start();
    }

    /** Returns once this process leads. */
    public void await() throws InterruptedException {
        elected.await();
    }

    /** Whether it was elected; a leader that leads no more is about to end. */
    public boolean leads() {
        return elected.getCount() == 0;
    }

    /** Whether it still stands or leads; a candidacy that broke off never leads. */
    public boolean stands() {
        return !candidacy.isDone();
    }

    /** Gives the lease back, so that the next one leads within its retry and not after the lease. Nothing may be written after it. */
    @Override
    public void close() {
        withdrawn = true;
        candidacy.cancel(true);
    }
}
