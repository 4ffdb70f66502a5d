package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.operator.decide.Admission.Admitted;
import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.PlainText;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The claim: one optimistic-locked write that names pod, uid and session. The gateway that holds the session delivers to it. */
record Claiming(Clocks clocks) {
    /** A pod that was made for this run. */
    Decision own(Look look, Admitted admitted, Ready ready, Pod pod) {
        return claim(look, admitted, ready, pod, StatusDraft.COLD);
    }

    /** A pod of a pool, if a fitting one waits. */
    Optional<Decision> pooled(Look look, Admitted admitted) {
        return WarmStart.choose(look.world(), admitted.plan())
                .flatMap(pod -> PodReader.launcher(pod)
                        .map(launcher -> claim(look, admitted, launcher, pod, StatusDraft.WARM)
                                .taking(pod.getMetadata().getUid())
                                .again(Claim.SETTLING)));
    }

    private Decision claim(Look look, Admitted admitted, Ready ready, Pod pod, String start) {
        StatusDraft draft = look.draft();
        Proofs proofs =
                Proofs.of(admitted.plan().permissions(), ready.evidence(), openings(look.world(), admitted.plan()));
        draft.enforcement(proofs.rows());
        PodReader.imageID(pod).ifPresent(draft::imageID);
        if (!proofs.missing().isEmpty()) {
            String what = "not proven: " + String.join(", ", proofs.missing()) + "; nothing was started";
            draft.conditions().no(ConditionType.SandboxVerified, ConditionReason.SandboxNotProven, what);
            return RunEnd.end(look, Ending.of(ConditionReason.SandboxNotProven, what));
        }
        draft.conditions()
                .yes(
                        ConditionType.SandboxVerified,
                        proofs.tolerated().isEmpty() ? ConditionReason.AllProven : ConditionReason.Tolerated,
                        proofs.summary());
        Attempt attempt = new Attempt(
                admitted.plan().run().attempt(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                ready.session(),
                look.now().toString(),
                RunState.notBefore(look.execution()));
        draft.claimed(attempt, admitted.assignment(), ready.since(), start);
        if (start.equals(StatusDraft.COLD)) {
            draft.cold(WarmStart.coldReason(look.world(), admitted.plan()));
        }
        draft.running("pod " + pod.getMetadata().getName() + " is claimed, the handler is being started");
        Duration next = look.until(clocks.collection(), admitted.policies().nextExpiry(look.now()));
        return Decision.write(draft.build())
                .noting(notes(admitted, pod, start).toArray(EventNote[]::new))
                .again(next);
    }

    /** What others open, and ours that are not as they were rendered: there are such only where that is tolerated. */
    private static List<NetworkOpening> openings(Snapshot world, ExecutionPlan plan) {
        return Laying.toleratesOpen(plan.permissions())
                ? Stream.concat(world.openings().stream(), Laying.opened(world.surroundings(), plan).stream())
                        .toList()
                : world.openings();
    }

    private static List<EventNote> notes(Admitted admitted, Pod pod, String start) {
        List<EventNote> notes = new ArrayList<>();
        if (start.equals(StatusDraft.COLD)) {
            notes.add(StandingNotes.started(
                    admitted.handler(),
                    pod.getMetadata().getName(),
                    admitted.plan().permissions().lines().size()));
        }
        if (!admitted.audited().isEmpty()) {
            notes.add(EventNote.warning(
                    Decider.AUDITED, "Claim", PlainText.shown(String.join("\n", admitted.audited()), 1024)));
        }
        return notes;
    }
}
