package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.queue.Ticket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What to do, in this order: {@code lay} what a run needs (deny first, pod last), write {@code status} by one optimistic-locked write,
 * publish {@code notes}, {@code clear} what is no longer needed, and look again after {@code lookAgain} if nothing happens before.
 * {@code takes} is the uid of the waiting pod the status claims: whoever applies the decision makes sure nobody else is at it.
 * {@code asks}: nothing is decided yet, it must be known first what place this ticket gets.
 */
public record Decision(
        List<Action.Laid> lay,
        Optional<PluginExecutionStatus> status,
        List<EventNote> notes,
        List<Action.Cleared> clear,
        Optional<Duration> lookAgain,
        Optional<String> takes,
        Optional<Ticket> asks) {
    public Decision {
        lay = List.copyOf(lay);
        notes = List.copyOf(notes);
        clear = List.copyOf(clear);
    }

    private Decision(Optional<PluginExecutionStatus> status, Optional<Ticket> asks) {
        this(List.of(), status, List.of(), List.of(), Optional.empty(), Optional.empty(), asks);
    }

    static Decision nothing() {
        return new Decision(Optional.empty(), Optional.empty());
    }

    static Decision write(PluginExecutionStatus status) {
        return new Decision(Optional.of(status), Optional.empty());
    }

    /** It wants its turn: decide again with its place. */
    static Decision asking(Ticket ticket) {
        return new Decision(Optional.empty(), Optional.of(ticket));
    }

    Decision laying(List<? extends Action.Laid> actions) {
        return new Decision(List.copyOf(actions), status, notes, clear, lookAgain, takes, asks);
    }

    Decision noting(EventNote... more) {
        return new Decision(lay, status, List.of(more), clear, lookAgain, takes, asks);
    }

    Decision clearing(List<? extends Action.Cleared> actions) {
        return new Decision(lay, status, notes, List.copyOf(actions), lookAgain, takes, asks);
    }

    /** The status claims this pod of a pool. */
    Decision taking(String podUID) {
        return new Decision(lay, status, notes, clear, lookAgain, Optional.of(podUID), asks);
    }

    Decision again(Duration after) {
        return new Decision(
                lay,
                status,
                notes,
                clear,
                Optional.of(after.isPositive() ? after : Duration.ofMillis(100)),
                takes,
                asks);
    }
}
