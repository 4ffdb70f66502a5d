package dev.corral.operator.queue;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * One execution that wants to start. {@code created} is its creation as the API server keeps it (seconds), {@code seen} when the
 * controller first saw it; {@code known}: it was let into the queue before, so that no bound refuses it now; {@code needsPod}: no pod
 * waits for it, so a quota of the namespace counts. Gates are passed from the narrow to the wide ones, and in this order everywhere.
 */
public record Ticket(
        String uid,
        String namespace,
        String name,
        int priority,
        Instant created,
        Instant seen,
        boolean known,
        boolean needsPod,
        List<Gate> gates,
        List<QueueBound> bounds) {
    /** Who came first. */
    static final Comparator<Ticket> ARRIVAL =
            Comparator.comparing(Ticket::created).thenComparing(Ticket::seen).thenComparing(Ticket::uid);

    public Ticket {
        gates = gates.stream()
                .sorted(Comparator.comparing(Gate::wide).thenComparing(Gate::key))
                .toList();
        bounds = bounds.stream().sorted(Comparator.comparing(QueueBound::key)).toList();
    }
}
