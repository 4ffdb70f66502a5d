package dev.corral.operator.reconcile;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;

/** What the loops of executions and of pools have in common: who takes which pod, who tells whom, which network policies were laid, and one set of caches. */
final class PoolsShared {
    private final WaitingPods waiting = new WaitingPods();
    private final ClaimTraffic traffic;
    private final PoolBell bell = new PoolBell();
    private final LaidPolicies laid;
    private volatile Supplier<Optional<SnapshotGatherer>> gatherer = Optional::empty;

    PoolsShared(InstantSource clock) {
        this.traffic = new ClaimTraffic(clock);
        this.laid = new LaidPolicies(clock);
    }

    WaitingPods waiting() {
        return waiting;
    }

    ClaimTraffic traffic() {
        return traffic;
    }

    PoolBell bell() {
        return bell;
    }

    LaidPolicies laid() {
        return laid;
    }

    void gathersWith(Supplier<Optional<SnapshotGatherer>> ready) {
        gatherer = ready;
    }

    /** Empty until every cache is filled. */
    Optional<SnapshotGatherer> gatherer() {
        return gatherer.get();
    }
}
