package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.observe.Observation;
import dev.corral.operator.observe.Observation.ExitCause;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.schema.SchemaCheck;
import dev.corral.operator.spec.SpecReader;
import dev.corral.operator.status.Ending;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The end of a run, or of one attempt of it: by the launcher's report, by a loss, or by a decision. {@link Endings} tell the reasons apart. */
final class RunEnd {
    private RunEnd() {}

    /** The one terminal write. A pod that never ran anything goes at once; one that ran is kept for its logs. */
    static Decision end(Look look, Ending found) {
        Snapshot world = look.world();
        Ending ending = StopOrder.standing(look.status())
                .map(standing -> standing.order().ending())
                .orElse(found);
        Optional<Claim> claim = Claim.of(look.status());
        look.draft().ended(ending);
        Decision decision = Decision.write(look.draft().build());
        boolean stuck = RunState.stuck(world);
        Duration settling = Claim.settling(look.status(), world.pools().surge(), look.now());
        if (settling.isPositive() && !stuck) {
            return decision.again(settling); // to what follows
        }
        decision = decision.clearing(claim.isEmpty() || stuck ? RunState.deletePod(world) : RunState.adopt(world));
        Optional<String> logs = stuck ? Optional.empty() : claim.map(Claim::pod);
        return decision.noting(
                        StandingNotes.ended(look.execution().getMetadata().getNamespace(), ending, logs))
                .again(Duration.ofSeconds(1));
    }

    /** Another attempt, where the execution asked for some and this one is known to be safe to repeat; else the end. */
    static Decision retryOrEnd(Look look, int attempt, Ending ending) {
        Retries retries = Retries.of(look.execution().getSpec());
        if (attempt >= retries.most()) {
            return end(look, ending);
        }
        Duration wait = retries.wait(attempt);
        look.draft()
                .again(new Attempt(
                        attempt + 1,
                        null,
                        null,
                        null,
                        null,
                        look.now().plus(wait).toString()));
        look.draft().conditions().no(ConditionType.Running, ConditionReason.NotRunning, "");
        look.draft().reconciling("Starting", ending.reason(), "attempt " + attempt + " failed: " + ending.message());
        return Decision.write(look.draft().build())
                .clearing(RunState.deletePod(look.world()))
                .again(wait);
    }

    /** Plugin code may have run: only a handler that says it is idempotent is tried again, only after a loss, and not once it is cancelled. */
    static Decision lost(Look look, Claim claim, Ending ending) {
        Optional<StopOrder.Standing> stop = StopOrder.standing(look.status());
        if (stop.isPresent()) {
            return end(look, stop.get().order().ending());
        }
        boolean loss = ending.reason() == ConditionReason.Lost || ending.reason() == ConditionReason.Evicted;
        if (loss && RunState.cancelled(look.execution())) {
            return end(look, Ending.of(ConditionReason.Cancelled, "cancelled; " + ending.message()));
        }
        boolean repeatable = loss
                && handler(look.world())
                        .map(handler -> Boolean.TRUE.equals(handler.idempotent()))
                        .orElse(false);
        return repeatable ? retryOrEnd(look, claim.number(), ending) : end(look, ending);
    }

    /**
     * The launcher's word is the end, but for two cases. A run that was ordered to stop ends for that reason, and what it left is not
     * published. And a launcher that was sent a signal cannot know whose: an eviction is told from the pod, which may take a moment to show it.
     * {@code ours}: it is not in the status yet, and for us to write; {@code left}: of the time the run may take.
     */
    static Decision reported(
            Look look,
            Claim claim,
            RunReport report,
            boolean ours,
            Observation seen,
            Optional<Pod> pod,
            Duration left) {
        if (StopOrder.standing(look.status()).isPresent()) {
            look.draft().report(ours ? StopOrder.quarantined(report) : report, ours);
            return end(look, Endings.of(report));
        }
        look.draft().report(report, ours).enforcement(used(look.status(), report));
        Ending said = checked(Endings.of(report), report, look.world());
        boolean signalled = said.reason() == ConditionReason.Cancelled && !RunState.cancelled(look.execution());
        if (!signalled) {
            return end(look, said);
        }
        Optional<ExitCause> interruption = pod.flatMap(PodReader::interruption);
        if (interruption.isPresent()) {
            return lost(look, claim, Endings.interrupted(interruption.get(), pod.orElseThrow()));
        }
        boolean settled = pod.isEmpty()
                || seen instanceof Exited
                || pod.get().getMetadata().getDeletionTimestamp() != null
                || !left.isPositive();
        return settled ? end(look, said) : Decision.nothing().again(Duration.ofSeconds(1));
    }

    private static @Nullable List<EnforcementStatus> used(@Nullable PluginExecutionStatus status, RunReport report) {
        List<EnforcementStatus> rows = status == null ? null : status.enforcement();
        Long cpu = report.metrics() == null ? null : report.metrics().cpuMillis();
        return rows == null || cpu == null ? rows : Proofs.used(rows, cpu);
    }

    /** A result the handler's own schema does not allow is no success. */
    private static Ending checked(Ending ending, RunReport report, Snapshot world) {
        String namespace = world.execution().getMetadata().getNamespace();
        List<String> problems = !ending.good()
                ? List.of()
                : handler(world)
                        .map(handler -> SchemaCheck.problems(namespace, handler.output(), report.result(), "result"))
                        .orElse(List.of());
        if (problems.isEmpty()) {
            return ending;
        }
        String lost = report.result() == null ? Endings.text(report.resultProblem()) : "";
        return Ending.of(
                ConditionReason.OutputInvalid,
                lost.isEmpty()
                        ? String.join("; ", problems)
                        : "the handler has a schema for its result, and there is none to check: " + lost);
    }

    private static Optional<Handler> handler(Snapshot world) {
        return world.plugin()
                .flatMap(plugin -> SpecReader.handler(
                        plugin.spec(), world.execution().getSpec().handler()));
    }
}
