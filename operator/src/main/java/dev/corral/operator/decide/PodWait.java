package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.WaitCause;
import dev.corral.operator.observe.Observation.Waiting;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.status.ConditionSet;
import dev.corral.operator.status.Ending;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Waiting for a verified pod, or for what must be there before one can be made: what the status says meanwhile, and for how long. */
record PodWait(Clocks clocks) {
    /** For what a pod waits for. A sandbox that is open is waited for no longer. */
    Decision pod(Look look, Waiting waiting) {
        ConditionReason reason = switch (waiting.cause()) {
            case Unscheduled, Creating, Uncreatable -> ConditionReason.StartingPod;
            case Unschedulable -> ConditionReason.Unschedulable;
            case Image -> ConditionReason.ImageUnavailable;
            case Secret -> ConditionReason.SecretUnavailable;
            case Unproven -> ConditionReason.SandboxNotProven;
        };
        if (waiting.cause() == WaitCause.Unproven) {
            String what =
                    "the launcher reached the port that must be closed, so nothing was started: the network plugin does not enforce egress policies there (kubectl get corralclusters -o yaml)";
            look.draft().conditions().no(ConditionType.SandboxVerified, reason, what);
            PodReader.unproven(waiting).map(Ready::evidence).map(Proofs::rows).ifPresent(look.draft()::enforcement);
            return RunEnd.end(look, Ending.of(reason, what));
        }
        return on(look, reason, waiting.detail().isBlank() ? "pod is being started" : waiting.detail());
    }

    /** For anything that may still come; the end when the pending clock has run out. Who stood in line does so no longer, and has it whole. */
    Decision on(Look look, ConditionReason reason, String message) {
        look.draft().unqueued();
        Duration left = left(look);
        if (left.isNegative() || left.isZero()) {
            ConditionReason end = switch (reason) {
                case StartingPod, Proving -> ConditionReason.StartTimedOut;
                case WaitingForArtifact -> ConditionReason.InputUnavailable;
                default -> reason;
            };
            Ending ending = Ending.of(
                    end, message + "; gave up after " + clocks.pending().toSeconds() + " s");
            return end == ConditionReason.StartTimedOut // another pod may come to another node
                    ? RunEnd.retryOrEnd(look, RunState.attempt(look.execution()), ending)
                    : RunEnd.end(look, ending);
        }
        // one that was suspended has no clock until a write says since when it goes on
        boolean timed = look.status() == null || look.status().startTime() != null;
        if (timed && isUsual(reason.name()) && look.world().pod().isPresent()) {
            // every pod passes here: worth one write, and only when it takes long
            Instant began = RunState.decided(look.world()).orElseGet(look.draft()::startTime);
            Duration quiet = Duration.between(look.now(), began.plus(clocks.quiet()));
            if (told(look.execution()) || quiet.isPositive()) {
                return Decision.nothing().again(quiet.isPositive() ? Clocks.shorter(left, quiet) : left);
            }
        }
        look.draft().reconciling("Starting", reason, message);
        return look.writeIfNew()
                .again(reason == ConditionReason.PodRefused ? Clocks.shorter(left, Duration.ofSeconds(5)) : left);
    }

    /** Waiting for others' artifacts, or in a queue, takes nothing away from the time a start may take. */
    private Duration left(Look look) {
        Instant since = Stream.of(Staging.complete(look.world()), look.draft().turn())
                .flatMap(Optional::stream)
                .filter(later -> later.isAfter(look.draft().pendingSince()))
                .max(Comparator.naturalOrder())
                .orElse(look.draft().pendingSince());
        return Duration.between(look.now(), since.plus(clocks.pending()));
    }

    /** Whether the status says already that it is on its way, and not what it waited for before that. */
    private static boolean told(PluginExecution execution) {
        return execution.getStatus() != null
                && ConditionSet.find(execution.getStatus().conditions(), ConditionType.Reconciling)
                        .filter(condition -> isUsual(condition.reason()))
                        .isPresent();
    }

    private static boolean isUsual(@Nullable String reason) {
        return ConditionReason.StartingPod.name().equals(reason)
                || ConditionReason.Proving.name().equals(reason);
    }
}
