package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.QueueStatus;
import dev.corral.operator.event.EventNote;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.queue.Place;
import dev.corral.operator.queue.Ticket;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.Redactor;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * What a status says of an execution in line. The first word is written at once; later positions at a pace that slows with the
 * position, so that a queue of any length costs a write or two in a second.
 */
record Queueing(ConditionReason reason, int position, String message, Optional<Duration> sooner) {
    private static final Duration PACE = Duration.ofSeconds(10);
    private static final Duration SLOWEST = Duration.ofMinutes(10);
    private static final int WORDS = 512;

    /** Empty for one that may start or is refused. */
    private static Optional<Queueing> of(Place place) {
        return switch (place) {
            case Place.Turn turn -> Optional.empty();
            case Place.Full full -> Optional.empty();
            case Place.Waits(int position, var gate) ->
                Optional.of(new Queueing(
                        ConditionReason.ConcurrencyLimit,
                        position,
                        "waits for its turn: " + gate.sentence(),
                        Optional.empty()));
            case Place.WaitsForQuota(int position, String words, Duration look) ->
                Optional.of(new Queueing(
                        ConditionReason.QuotaExceeded,
                        position,
                        "waits for room in the namespace's quota: " + Redactor.cut(words, WORDS),
                        Optional.of(look)));
        };
    }

    private static Ending full(Place.Full full) {
        return Ending.of(
                ConditionReason.QueueFull,
                full.bound().policy() + " lets " + full.bound().most() + " executions of this namespace wait ("
                        + full.bound().field() + "), and as many do; nothing was started");
    }

    /** Where policies bound how many run at once, or a quota is full: what to do until its turn comes. Empty for one that may start. */
    static Optional<Decision> hold(Look look, ExecutionPlan plan, Clocks clocks) {
        Snapshot world = look.world();
        Optional<Place> place = world.standing().place();
        if (place.isEmpty()) {
            if (!Bounds.any(world) && !world.standing().quotaFull()) {
                return Optional.empty();
            }
            boolean needsPod = WarmStart.choose(world, plan).isEmpty();
            Ticket ticket = Bounds.ticket(world, needsPod, look.now());
            return ticket.gates().isEmpty() && !(needsPod && world.standing().quotaFull())
                    ? Optional.empty()
                    : Optional.of(Decision.asking(ticket));
        }
        if (place.get() instanceof Place.Full full) {
            return Optional.of(RunEnd.end(look, full(full)));
        }
        return of(place.get()).map(queueing -> {
            Instant end = look.draft().pendingSince().plus(clocks.queued());
            return look.now().isBefore(end)
                    ? queueing.tell(look)
                    : RunEnd.end(
                            look,
                            Ending.of(
                                    ConditionReason.QueueTimedOut,
                                    queueing.message() + "; gave up after "
                                            + clocks.queued().toHours() + " h"));
        });
    }

    /** Writes where it stands, where that is news. */
    private Decision tell(Look look) {
        QueueStatus before = look.status() == null ? null : look.status().queue();
        Duration pace = Duration.ofSeconds(Math.min(SLOWEST.toSeconds(), Math.max(PACE.toSeconds(), position)));
        Duration again =
                sooner.filter(ask -> position == 1 && ask.compareTo(pace) < 0).orElse(pace);
        boolean first = before == null || !reason.name().equals(before.reason());
        if (before != null && !first) {
            Instant due = StatusDraft.time(before.time()).orElse(Instant.EPOCH).plus(pace);
            if (look.now().isBefore(due) || Integer.valueOf(position).equals(before.position())) {
                return Decision.nothing().again(again);
            }
        }
        String time = look.now().truncatedTo(ChronoUnit.SECONDS).toString();
        look.draft().queued(new QueueStatus(position, reason.name(), time), reason, message);
        Decision decision = Decision.write(look.draft().build()).again(again);
        return first ? decision.noting(EventNote.normal(reason.name(), "Queue", message)) : decision;
    }
}
