package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.decide.Admission.Admitted;
import dev.corral.operator.observe.Observation;
import dev.corral.operator.observe.Observation.Absent;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.Observation.Lost;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.Running;
import dev.corral.operator.observe.Observation.Waiting;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.PlainText;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From the claim to the end: the decision stands, plugin code may run, and only how it ends is open. */
record AfterClaim(Admission admission, Revocation revocation, Clocks clocks) {
    /** Two claims of one pod: how soon to see what became of them. */
    private static final Duration CONTEST = Duration.ofMillis(200);

    private static final Ending SILENT = Ending.of(ConditionReason.Lost, "the node of the pod does not answer");

    Decision decide(Look look, Claim claim) {
        Optional<Decision> contest = contested(look, claim);
        if (contest.isPresent()) {
            return contest.get();
        }
        Optional<Pod> pod = look.world()
                .pod()
                .filter(found -> claim.podUID().equals(found.getMetadata().getUid()));
        Observation seen = PodReader.read(pod);
        Optional<RunReport> report = RunState.finalReport(look.status(), claim);
        if (report.isPresent()) {
            RunReport whole = RunState.whole(report.get(), look.execution().getStatus());
            return RunEnd.reported(look, claim, whole, false, seen, pod, left(look, claim));
        }
        Optional<RunReport> told = RunState.told(look.world(), claim);
        if (told.isPresent()) {
            return RunEnd.reported(look, claim, told.get(), true, seen, pod, left(look, claim));
        }
        return switch (seen) {
            case Exited exited ->
                // the gateway's write would have changed the resource version, so this decision cannot overtake it
                look.world()
                        .sealed()
                        .map(word -> RunEnd.reported(look, claim, word, true, seen, pod, left(look, claim)))
                        .orElseGet(() -> RunEnd.lost(look, claim, Endings.afterClaim(exited)));
            case Absent absent ->
                RunEnd.lost(
                        look,
                        claim,
                        Ending.of(ConditionReason.Lost, "pod " + claim.pod() + " is gone without a report"));
            case Lost lost -> RunEnd.lost(look, claim, Ending.of(ConditionReason.Lost, lost.detail()));
            case Waiting waiting -> running(look, claim, pod.orElseThrow());
            case Ready ready ->
                ready.session().equals(claim.session())
                        ? running(look, claim, pod.orElseThrow())
                        : RunEnd.end(
                                look, Ending.of(ConditionReason.Lost, "the launcher's session is gone; it restarted"));
            case Running running -> running(look, claim, pod.orElseThrow());
        };
    }

    /**
     * Two executions claim one pod, at once or one after the other: two leaders can do that, or a new one that does not know of a claim any
     * more, since a claim locks the execution and not the pod. The gateway serves the one whose claim it saw first. The other takes its claim
     * back as soon as that shows, by a report or by the seal in the pod, for nothing of it can have run, and starts elsewhere; until then
     * neither is acted upon, and one that is cancelled waits no longer than for any launcher that was told to stop.
     */
    private Optional<Decision> contested(Look look, Claim claim) {
        Optional<Pools.Rival> rival = look.world().pools().rival();
        RunReport heard = look.execution().getStatus().report();
        if (heard != null && claim.session().equals(heard.session())) {
            return Optional.empty();
        }
        Optional<String> served = rival.filter(Pools.Rival::served).map(Pools.Rival::name);
        if (served.isPresent() || look.world().servedAnother()) {
            return Optional.of(takenBack(look, claim, served.orElse("another execution"))
                    // where nobody else has it any more, its pool takes it for ours and would leave it
                    .clearing(rival.isEmpty() ? RunState.deletePod(look.world()) : List.of()));
        }
        return rival.isPresent() && left(look, claim).isPositive()
                ? Optional.of(cancelling(look).orElseGet(Decision::nothing).again(CONTEST))
                : Optional.empty();
    }

    private static Decision takenBack(Look look, Claim claim, String served) {
        StatusDraft draft = look.draft();
        draft.unclaimed(new Attempt(claim.number(), null, null, null, null, RunState.notBefore(look.execution())));
        draft.reconciling(
                "Starting",
                ConditionReason.StartingPod,
                "pod " + claim.pod() + " serves " + served + "; another one is taken");
        return Decision.write(draft.build()).again(CONTEST);
    }

    private Decision running(Look look, Claim claim, Pod pod) {
        if (PodReader.abandoned(pod).filter(at -> !at.isAfter(look.now())).isPresent()) {
            return RunEnd.lost(look, claim, SILENT);
        }
        Optional<StopOrder.Standing> standing = StopOrder.standing(look.status());
        if (standing.isPresent()) {
            return stopping(look, claim, standing.get());
        }
        return switch (revocation.ask(look.world(), pod, look.now())) {
            case Revocation.Due(var order) -> stop(look, order);
            case Revocation.Stands(var granted) ->
                goesOn(look, claim, pod, Laying.correction(look.world().surroundings(), pod, granted, claim.at()));
        };
    }

    /** {@code correction}: what is due to its network policies. Once it was refused it is not tried again at this look. */
    private Decision goesOn(Look look, Claim claim, Pod pod, Laying.Correction correction) {
        List<Action.ApplyNetworkPolicy> lay = look.world().refusal().isEmpty() ? correction.policies() : List.of();
        Optional<StopOrder> due = StopOrders.due(look.world(), correction, () -> tolerated(look, claim));
        if (due.isPresent()) {
            return stop(look, due.get()).laying(lay);
        }
        if (!lay.isEmpty() || isNews(look, correction)) {
            return corrected(look, correction);
        }
        Duration settling = Claim.settling(look.status(), look.world().pools().surge(), look.now());
        if (settling.isPositive()) {
            return Decision.nothing().again(settling);
        }
        Duration left = left(look, claim);
        if (!left.isPositive()) {
            // a node that does not answer is not the handler's fault; the launcher has killed the handler by now
            return PodReader.silent(pod).isPresent()
                    ? RunEnd.lost(look, claim, SILENT)
                    : RunEnd.end(look, unreported(look));
        }
        Optional<Decision> cancelling = cancelling(look);
        if (cancelling.isPresent()) {
            return cancelling.get().clearing(RunState.adopt(look.world())).again(Clocks.shorter(left, clocks.ending()));
        }
        return Decision.nothing()
                .clearing(RunState.adopt(look.world()))
                .again(look.until(
                        look.until(left, PodReader.abandoned(pod)),
                        Admission.policies(look.world()).nextExpiry(look.now())));
    }

    /** From this write on a cancelled run has until its launcher must have reported, and not all of its time. */
    private static Optional<Decision> cancelling(Look look) {
        if (!RunState.cancelled(look.execution())
                || RunState.cancelledAt(look.status()).isPresent()) {
            return Optional.empty();
        }
        look.draft().cancelling();
        return Optional.of(Decision.write(look.draft().build()));
    }

    /** Somebody else was faster to put right what was open, which is tolerated. */
    private static boolean isNews(Look look, Laying.Correction correction) {
        List<EnforcementStatus> rows =
                look.status() == null ? null : look.status().enforcement();
        return rows != null
                && !correction.opened().isEmpty()
                && !Proofs.widened(rows, correction.opened()).equals(rows);
    }

    /** Nothing was open, or that is tolerated: the run goes on, and says so. */
    private Decision corrected(Look look, Laying.Correction correction) {
        PluginExecutionStatus status = look.status();
        if (!correction.opened().isEmpty() && status != null) {
            look.draft().enforcement(Proofs.widened(status.enforcement(), correction.opened()));
        }
        Decision decision = look.writeIfNew().laying(correction.policies()).again(clocks.quiet());
        if (correction.policies().isEmpty()) {
            return decision;
        }
        return decision.noting(
                EventNote.warning(Decider.CORRECTED, "Correct", PlainText.shown(correction.message(), 1024)));
    }

    private Ending unreported(Look look) {
        return RunState.cancelled(look.execution())
                ? Ending.of(
                        ConditionReason.Cancelled,
                        "cancelled; the launcher did not report within "
                                + clocks.ending().toSeconds() + " s: how far the handler came is not known")
                : Ending.of(
                        ConditionReason.TimedOut, "the launcher did not report within the timeout and its allowances");
    }

    private Decision stop(Look look, StopOrder order) {
        look.draft().stopping(order.reason(), order.message());
        return Decision.write(look.draft().build())
                .noting(EventNote.warning(order.reason().name(), "Stop", PlainText.shown(order.message(), 1024)))
                .again(clocks.stopping());
    }

    /** The launcher has been told to stop; where that does not help the kubelet is told, by deleting the pod. */
    private Decision stopping(Look look, Claim claim, StopOrder.Standing standing) {
        Instant patience = standing.since().plus(clocks.stopping());
        Duration patient = Duration.between(look.now(), patience);
        if (patient.isPositive()) {
            return Decision.nothing().again(patient);
        }
        if (!look.now().isBefore(patience.plus(clocks.collection()))
                || !left(look, claim).isPositive()) {
            return RunEnd.end(look, standing.order().ending());
        }
        return Decision.nothing().clearing(RunState.deletePod(look.world())).again(Duration.ofSeconds(5));
    }

    /** What the policies of now tolerate; nothing if they would not grant the run any more. */
    private Set<String> tolerated(Look look, Claim claim) {
        StatusDraft unused = new StatusDraft(look.execution(), look.now(), look.now());
        return admission.admit(look.world(), claim.number(), look.now(), unused) instanceof Admitted admitted
                ? admitted.plan().permissions().tolerateUnenforced()
                : Set.of();
    }

    /** Of the time until the run must have been reported: it ends with its timeout, or before that because it is cancelled. */
    private Duration left(Look look, Claim claim) {
        PluginExecutionSpec spec = look.execution().getSpec();
        Duration staging = spec == null || spec.files() == null ? Duration.ZERO : clocks.staging();
        Instant timeout = claim.at().plus(staging).plus(claim.timeout());
        Instant end =
                RunState.cancelledAt(look.status()).filter(timeout::isAfter).orElse(timeout);
        return Duration.between(look.now(), end.plus(clocks.ending()));
    }
}
