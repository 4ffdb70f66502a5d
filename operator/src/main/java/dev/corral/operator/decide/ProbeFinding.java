package dev.corral.operator.decide;

import dev.corral.operator.observe.Evidence;
import dev.corral.operator.observe.Observation;
import dev.corral.operator.observe.Observation.Absent;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.Observation.Lost;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.Running;
import dev.corral.operator.observe.Observation.WaitCause;
import dev.corral.operator.observe.Observation.Waiting;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What a probe pod came to. */
sealed interface ProbeFinding {
    /** From when it has a node: a start, and the proof. */
    Duration PATIENCE = Duration.ofMinutes(2);
    /** What a pod that says nothing is given beyond that, before it is tried again. */
    Duration MORE = Duration.ofMinutes(1);

    record Pending() implements ProbeFinding {}

    record Seen(Evidence evidence, boolean open) implements ProbeFinding {}

    record Failed(String why) implements ProbeFinding {}

    /** It says nothing about the nodes: there was no room, no image, or the pod was taken away. {@code over}: to be tried again. */
    record Unknown(boolean over) implements ProbeFinding {}

    /** Port B answered it. */
    default boolean reached() {
        return this instanceof Seen seen && seen.open();
    }

    /** {@code known}: something was found out about such nodes before; else what says nothing is a failure, because nothing is proven. */
    static ProbeFinding of(Pod pod, boolean known, Instant now) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return new Pending(); // of an earlier look; its name is free again soon
        }
        Observation seen = PodReader.read(Optional.of(pod));
        Instant born =
                StatusDraft.time(pod.getMetadata().getCreationTimestamp()).orElse(now);
        // a pod that waited for room has its two minutes all the same
        boolean late = now.isAfter(PodReader.scheduled(pod).orElse(born).plus(PATIENCE));
        ProbeFinding found = switch (seen) {
            case Ready ready -> new Seen(ready.evidence(), false);
            case Waiting(var cause, var detail) ->
                cause == WaitCause.Unproven
                        ? new Seen(PodReader.evidence(detail), true)
                        : late ? new Failed("not ready after 2 minutes: " + detail) : new Pending();
            case Running running -> late ? new Failed("no proof after 2 minutes") : new Pending();
            case Exited exited -> new Failed("ended with " + exited.exitCode() + ": " + exited.message());
            case Lost lost -> new Failed(lost.detail());
            case Absent absent -> new Pending();
        };
        return found instanceof Failed && known && saysNothing(seen)
                ? new Unknown(now.isAfter(born.plus(PATIENCE).plus(MORE)))
                : found;
    }

    /** Of what the node can do. A creation that hangs does: so a runtime without image volumes looks. */
    private static boolean saysNothing(Observation seen) {
        return switch (seen) {
            case Waiting(var cause, var detail) ->
                switch (cause) {
                    case Unscheduled, Unschedulable, Image -> true;
                    case Secret, Creating, Uncreatable, Unproven -> false;
                };
            case Exited exited ->
                switch (exited.cause()) {
                    case Disruption, DiskEviction, Deadline, Refusal -> true;
                    case Exit, OutOfMemory -> exited.exitCode() < 0; // no container of it
                };
            case Lost lost -> true;
            case Ready ready -> false;
            case Running running -> false;
            case Absent absent -> false;
        };
    }
}
