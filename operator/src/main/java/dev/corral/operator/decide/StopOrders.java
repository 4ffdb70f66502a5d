package dev.corral.operator.decide;

import java.util.Optional;

/** Why a live run must stop although nothing is wrong with the run itself. Each reason is one pure check of the snapshot. */
final class StopOrders {
    private StopOrders() {}

    /** The first order that is due; empty while the run may go on. */
    static Optional<StopOrder> due(Snapshot world) {
        return Optional.empty();
    }
}
