package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.QueueStatus;
import dev.corral.operator.event.EventNote;
import dev.corral.operator.queue.Place;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.Redactor;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a status says of an execution in line. The first word is written at once; later positions at a pace that slows with the
 * position, so that a queue of any length costs a write or two in a second.
 */
record Queueing(ConditionReason reason, int position, String message, Optional<Duration> look) {
    private static final Duration PACE = Duration.ofSeconds(10);
    private static final Duration SLOWEST = Duration.ofMinutes(10);
    private static final int WORDS = 512;

    /** Empty for one that may start or is refused. */
    static Optional<Queueing> of(Place place) {
        return switch (place) {
            case Place.Turn turn -> Optional.empty();
            case Place.Full full -> Optional.empty();
            case Place.Waits(int position, var gate) ->
                Optional.of(new Queueing(
                        ConditionReason.ConcurrencyLimit, position, "waits for its turn: " + gate.sentence(), Optional.empty()));
            case Place.WaitsForQuota(int position, String words, Duration look) ->
                Optional.of(new Queueing(
                        ConditionReason.QuotaExceeded,
                        position,
                        "waits for room in the namespace's quota: " + Redactor.cut(words, WORDS),
                        Optional.of(look)));
        };
    }

    static Ending full(Place.Full full) {
        return Ending.of(
                ConditionReason.QueueFull,
                full.bound().policy() + " lets " + full.bound().most() + " executions of this namespace wait ("
                        + full.bound().field() + "), and as many do; nothing was started");
    }

    /** Writes where it stands, where that is news. */
    Decision tell(StatusDraft draft, @Nullable PluginExecutionStatus status, Instant now) {
        QueueStatus before = status == null ? null : status.queue();
        Duration pace = Duration.ofSeconds(Math.min(SLOWEST.toSeconds(), Math.max(PACE.toSeconds(), position)));
        Duration again = look.filter(sooner -> position == 1 && sooner.compareTo(pace) < 0).orElse(pace);
        boolean first = before == null || !reason.name().equals(before.reason());
        boolean due = before != null
                && !now.isBefore(StatusDraft.time(before.time()).orElse(Instant.EPOCH).plus(pace));
        if (!first && (!due || Integer.valueOf(position).equals(before.position()))) {
            return Decision.nothing().again(again);
        }
        draft.queued(
                new QueueStatus(position, reason.name(), now.truncatedTo(ChronoUnit.SECONDS).toString()), reason, message);
        Decision decision = Decision.write(draft.build()).again(again);
        return first ? decision.noting(EventNote.normal(reason.name(), "Queue", message)) : decision;
    }
}
