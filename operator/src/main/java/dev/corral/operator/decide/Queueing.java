package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.QueueStatus;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.queue.Gate;
import dev.corral.operator.queue.Place;
import dev.corral.operator.queue.QueueBound;
import dev.corral.operator.queue.Ticket;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.PlainText;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Waiting for its turn, where policies bound how many run at once or a quota of the namespace is full. The first word of it is written at
 * once; later positions at a pace that slows with the position, so that a queue of any length costs a write or two in a second.
 */
record Queueing(Clocks clocks) {
    private static final Duration PACE = Duration.ofSeconds(10);
    private static final Duration SLOWEST = Duration.ofMinutes(10);
    private static final int WORDS = 512;

    /** One place in line. {@code ask}: when whoever is first asks again, where nobody can tell it that its turn has come. */
    private record InLine(ConditionReason reason, int position, String message, Optional<Duration> ask) {}

    /** What to do until its turn comes; empty for one that may start now, and for all that nothing bounds. */
    Optional<Decision> hold(Look look, ExecutionPlan plan) {
        Optional<Place> place = look.world().standing().place();
        if (place.isEmpty()) {
            return ask(look, plan);
        }
        return switch (place.get()) {
            case Place.Turn turn -> Optional.empty();
            case Place.Full(QueueBound bound) ->
                Optional.of(RunEnd.end(
                        look,
                        Ending.of(
                                ConditionReason.QueueFull,
                                bound.policy() + " lets " + bound.most() + " executions of this namespace wait ("
                                        + bound.field() + "), and as many do; nothing was started")));
            case Place.Waits(int position, Gate gate) ->
                Optional.of(wait(
                        look,
                        new InLine(
                                ConditionReason.ConcurrencyLimit,
                                position,
                                "waits for its turn: " + gate.sentence(),
                                Optional.empty())));
            case Place.WaitsForQuota(int position, String words, Duration ask) ->
                Optional.of(wait(
                        look,
                        new InLine(
                                ConditionReason.QuotaExceeded,
                                position,
                                "waits for room in the namespace's quota: " + PlainText.cut(words, WORDS),
                                Optional.of(ask))));
        };
    }

    private static Optional<Decision> ask(Look look, ExecutionPlan plan) {
        Snapshot world = look.world();
        boolean quotaFull = world.standing().quotaFull();
        if (!quotaFull && !Bounds.any(world)) {
            return Optional.empty();
        }
        boolean needsPod = WarmStart.choose(world, plan).isEmpty();
        Ticket ticket = Bounds.ticket(world, needsPod, look.now());
        return ticket.gates().isEmpty() && !(needsPod && quotaFull)
                ? Optional.empty()
                : Optional.of(Decision.asking(ticket));
    }

    private Decision wait(Look look, InLine where) {
        Instant end = look.draft().pendingSince().plus(clocks.queued());
        return look.now().isBefore(end)
                ? tell(look, where)
                : RunEnd.end(
                        look,
                        Ending.of(
                                ConditionReason.QueueTimedOut,
                                where.message() + "; gave up after "
                                        + clocks.queued().toHours() + " h"));
    }

    /** Writes where it stands, where that is news. */
    private static Decision tell(Look look, InLine where) {
        QueueStatus before = look.status() == null ? null : look.status().queue();
        Duration pace = Duration.ofSeconds(Math.min(SLOWEST.toSeconds(), Math.max(PACE.toSeconds(), where.position())));
        Duration again = where.ask()
                .filter(ask -> where.position() == 1 && ask.compareTo(pace) < 0)
                .orElse(pace);
        boolean first = before == null || !where.reason().name().equals(before.reason());
        if (before != null && !first) {
            Instant due = StatusDraft.time(before.time()).orElse(Instant.EPOCH).plus(pace);
            if (look.now().isBefore(due) || Integer.valueOf(where.position()).equals(before.position())) {
                return Decision.nothing().again(again);
            }
        }
        String time = look.now().truncatedTo(ChronoUnit.SECONDS).toString();
        look.draft()
                .queued(
                        new QueueStatus(where.position(), where.reason().name(), time),
                        where.reason(),
                        where.message());
        Decision decision = Decision.write(look.draft().build()).again(again);
        return first ? decision.noting(EventNote.normal(where.reason().name(), "Queue", where.message())) : decision;
    }
}
