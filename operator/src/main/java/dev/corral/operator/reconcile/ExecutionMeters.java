package dev.corral.operator.reconcile;

import dev.corral.operator.status.StatusDraft;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * What {@code /metrics} says of executions. Counters are there from the start: one that first shows with the value of one has, to an alert,
 * not grown.
 */
final class ExecutionMeters {
    /** How many wait for their turn. */
    private static final String QUEUED = "corral.executions.queued";
    /** How many there are, those that ended too: they are what fills the memory. */
    private static final String STORED = "corral.executions.stored";

    private static final String ENDED = "corral.executions.ended";
    private static final String AUDITED = "corral.executions.audited";

    private final MeterRegistry meters;
    private volatile LongSupplier stored = () -> 0;

    ExecutionMeters(MeterRegistry meters, IntSupplier queued) {
        this.meters = meters;
        meters.gauge(QUEUED, this, mine -> queued.getAsInt());
        meters.gauge(STORED, this, mine -> mine.stored.getAsLong());
        StatusDraft.END_STATES.forEach(state -> meters.counter(ENDED, "state", state));
        meters.counter(AUDITED);
    }

    /** From now on: before there are caches, there is nothing to count. */
    void stored(LongSupplier count) {
        stored = count;
    }

    void ended(String state) {
        meters.counter(ENDED, "state", state).increment();
    }

    void audited() {
        meters.counter(AUDITED).increment();
    }
}
