package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.operator.decide.Admission.Admitted;
import dev.corral.operator.observe.Observation.Absent;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.Observation.Lost;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.Running;
import dev.corral.operator.observe.Observation.Waiting;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.render.PodIdentity;
import dev.corral.operator.render.PodRenderer;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** From first sight to the claim: nothing of the plugin has run, everything may still change, and the newest verdict counts. */
record BeforeClaim(Admission admission, Clocks clocks, Queueing queueing, PodWait waits, Claiming claims) {
    BeforeClaim(Admission admission, Clocks clocks) {
        this(admission, clocks, new Queueing(clocks), new PodWait(clocks), new Claiming(clocks));
    }

    Decision decide(Look look) {
        PluginExecutionSpec spec = look.execution().getSpec();
        if (spec == null) {
            return RunEnd.end(look, Ending.of(ConditionReason.Malformed, "spec is missing or cannot be read"));
        }
        if (RunState.cancelled(look.execution())) {
            return RunEnd.end(look, Ending.of(ConditionReason.Cancelled, "cancelled before the handler was started"));
        }
        if (RunState.suspended(look.execution())) {
            return Decision.write(look.draft().suspended().build()).clearing(RunState.deletePod(look.world()));
        }
        return switch (admission.admit(look.world(), RunState.attempt(look.execution()), look.now(), look.draft())) {
            case Admission.Missing missing -> waits.on(look, missing.reason(), missing.message());
            case Admission.Refused refused -> refuse(look, refused.ending());
            case Admission.Planned planned -> {
                look.draft().plan(planned.preview());
                yield RunEnd.end(look, planned.ending());
            }
            case Admitted admitted -> start(look, admitted);
        };
    }

    /**
     * A refusal is final only when it still stands some seconds after the execution was first seen: a policy or plugin that was applied
     * together with it may reach the caches a moment later.
     */
    private Decision refuse(Look look, Ending ending) {
        Duration left = Duration.between(look.now(), look.draft().startTime().plus(clocks.settle()));
        if (!left.isPositive()) {
            return RunEnd.end(look, ending);
        }
        look.draft().reconciling("Pending", ending.reason(), ending.message());
        return look.writeIfNew().again(left);
    }

    private Decision start(Look look, Admitted admitted) {
        ExecutionPlan plan = admitted.plan();
        Optional<Pod> pod = look.world().pod();
        Duration early = Duration.between(
                look.now(),
                StatusDraft.time(RunState.notBefore(look.execution())).orElse(look.now()));
        if (early.isPositive()) {
            return Decision.nothing().again(early);
        }
        if (pod.isPresent() && !RunState.owned(pod.get(), plan.run())) {
            return RunEnd.end(
                    look,
                    Ending.of(
                            ConditionReason.NameConflict,
                            "pod " + ObjectNames.pod(plan.run()) + " exists and is not ours; it was not touched"));
        }
        if (pod.isPresent() && pod.get().getMetadata().getDeletionTimestamp() != null) {
            // its name is free again soon, unless its node is gone; it is never claimed
            return waits.on(
                            look,
                            ConditionReason.StartingPod,
                            "pod " + ObjectNames.pod(plan.run()) + " is being deleted")
                    .again(Duration.ofSeconds(1));
        }
        boolean current = pod.isPresent()
                && RunState.samePlan(pod.get(), plan)
                && Laying.isMade(pod.get(), Laying.since(look.world().surroundings(), plan));
        if (pod.isPresent() && !current) {
            // policy or plugin changed before the claim, or the pod's network policies: the stricter, newer verdict
            // wins
            // and the old pod never runs anything; where another installation made it, a locked write first, so that it
            // does not claim it meanwhile
            return takeOver(look).clearing(RunState.deletePod(look.world())).again(Duration.ofSeconds(1));
        }
        pod.ifPresent(made -> look.draft()
                .attempt(new Attempt(
                        plan.run().attempt(),
                        made.getMetadata().getName(),
                        null,
                        null,
                        null,
                        RunState.notBefore(look.execution()))));
        Optional<StopOrder> widened = StopOrders.widened(
                look.world().openings(), () -> plan.permissions().tolerateUnenforced());
        if (widened.isPresent()) {
            return clearing(
                    look, waits.on(look, widened.get().reason(), widened.get().message()));
        }
        Optional<Decision> held = pod.isPresent() ? Optional.empty() : queueing.hold(look, plan);
        if (held.isPresent()) {
            return held.get();
        }
        look.draft().unqueued();
        return onPod(look, admitted, pod);
    }

    /** What passes for ours, nobody else may delete. */
    private static Decision clearing(Look look, Decision waiting) {
        Stream<Action.Cleared> strays = look.world().openings().stream()
                .flatMap(opening -> opening.stray().stream())
                .map(stray -> new Action.DeleteNetworkPolicy(stray.namespace(), stray.name(), stray.uid()));
        return waiting.clearing(Stream.concat(waiting.clear().stream(), strays).toList());
    }

    private static Decision takeOver(Look look) {
        String holder = look.status() == null ? null : look.status().installation();
        if (look.world().installation().namespace().equals(holder)) {
            return Decision.nothing();
        }
        look.draft()
                .reconciling("Pending", ConditionReason.StartingPod, "its pod is made anew, from what is granted now");
        return Decision.write(look.draft().build());
    }

    private Decision onPod(Look look, Admitted admitted, Optional<Pod> pod) {
        ExecutionPlan plan = admitted.plan();
        int attempt = plan.run().attempt();
        return switch (PodReader.read(pod, look.world().unmounted())) {
            case Absent absent -> claims.pooled(look, admitted).orElseGet(() -> createPod(look, plan));
            case Waiting waiting ->
                PodReader.unproven(waiting)
                        .filter(ready -> Laying.toleratesOpen(plan.permissions()))
                        .map(ready -> claims.own(look, admitted, ready, pod.orElseThrow()))
                        .orElseGet(() -> waits.pod(look, waiting));
            case Running running -> waits.on(look, ConditionReason.Proving, "the launcher is proving the sandbox");
            case Ready ready -> claims.own(look, admitted, ready, pod.orElseThrow());
            case Exited exited -> RunEnd.retryOrEnd(look, attempt, Endings.beforeClaim(exited));
            case Lost lost ->
                RunEnd.retryOrEnd(look, attempt, Ending.of(ConditionReason.Lost, lost.detail() + "; nothing had run"));
        };
    }

    private Decision createPod(Look look, ExecutionPlan plan) {
        Optional<String> refusal = look.world().refusal();
        if (refusal.isPresent()) {
            return waits.on(look, ConditionReason.PodRefused, PodRefusals.explain(refusal.get()));
        }
        // No write ahead: the pod itself says when it was decided on, and most pods are ready before it is
        // worth telling.
        List<Action.Laid> actions = Laying.policies(look.world().surroundings(), plan);
        Pod pod = new PodRenderer(look.world().installation())
                .render(plan, PodIdentity.ofRun(plan.run(), clocks.pending()));
        actions.add(new Action.CreatePod(OwnedLabels.decided(pod, look.now())));
        return Decision.nothing().laying(actions).again(clocks.quiet());
    }
}
