package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.status.ConditionSet;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an execution, its status and its pod say about the run as it stands. */
public final class RunState {
    private RunState() {}

    /**
     * Whether its conditions say the end, after which nothing that it says changes but which spec it is about. {@link
     * PluginExecutionStatus#ended} asks for the time of the end; a status that somebody edited may have one without the other.
     */
    public static boolean ended(@Nullable PluginExecutionStatus status) {
        return status != null && ConditionSet.ended(status.conditions());
    }

    /** The gateway's report of exactly this claim, with what the gateway keeps beside it. */
    static Optional<RunReport> finalReport(@Nullable PluginExecutionStatus status, Claim claim) {
        return Optional.ofNullable(status)
                .flatMap(written -> Optional.ofNullable(written.report()))
                .filter(report -> isLast(report, claim));
    }

    /**
     * The report the gateway told us, for us to write with the end. Not where the status knows more of the run than it says, and not what a
     * launcher says that was told to stop: how such a run ended shows later, and the gateway writes meanwhile.
     */
    static Optional<RunReport> told(Snapshot world, Claim claim) {
        return world.told()
                .filter(report -> isLast(report, claim) && !report.interrupted())
                .filter(report -> report.completes(world.execution().getStatus().report()));
    }

    private static boolean isLast(RunReport report, Claim claim) {
        return report.reason() != null
                && claim.session().equals(report.session())
                && Integer.valueOf(claim.number()).equals(report.attempt());
    }

    /** The report with what the gateway keeps beside it in the status. */
    static RunReport whole(RunReport report, PluginExecutionStatus status) {
        return report.with(status.result(), status.artifacts(), status.events(), status.learned());
    }

    /** The run as it stands: the attempt written ahead, or the first. */
    public static RunIdentity run(PluginExecution execution) {
        return new RunIdentity(
                execution.getMetadata().getNamespace(),
                execution.getMetadata().getName(),
                execution.getMetadata().getUid(),
                attempt(execution));
    }

    /** The pod of the run: the claimed one, else the one that would be made for it. */
    public static String podName(PluginExecution execution) {
        return Claim.of(execution.getStatus()).map(Claim::pod).orElseGet(() -> ObjectNames.pod(run(execution)));
    }

    static int attempt(PluginExecution execution) {
        PluginExecutionStatus status = execution.getStatus();
        return status == null || status.attempt() == null || status.attempt().number() == null
                ? 1
                : status.attempt().number();
    }

    /** Whether this is a pod of the execution. */
    public static boolean owns(PluginExecution execution, Pod pod) {
        return owned(pod, run(execution)) || claimedFromPool(execution, pod);
    }

    /** Claimed by this execution, and still in the name of its pool. */
    static boolean claimedFromPool(PluginExecution execution, Pod pod) {
        return pool(pod).isPresent()
                && Claim.of(execution.getStatus())
                        .filter(claim -> claim.podUID().equals(pod.getMetadata().getUid()))
                        .isPresent();
    }

    /** The uid of the pool a pod belongs to, until an execution takes it over. */
    public static Optional<String> pool(Pod pod) {
        return owner(pod, "PluginPool");
    }

    /** What makes a pod claimed from a pool the execution's own; nothing for a claim that somebody else may have, too. */
    static List<Action.Cleared> adopt(Snapshot world) {
        if (world.pools().rival().isPresent()) {
            return List.of();
        }
        return world.pod()
                .filter(pod -> claimedFromPool(world.execution(), pod))
                .<Action.Cleared>map(pod -> new Action.AdoptPod(
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid(),
                        pool(pod).orElseThrow(),
                        run(world.execution())))
                .map(List::of)
                .orElse(List.of());
    }

    /**
     * When its pod was decided on, as the pod says: before the first status write that is the only memory of the start. Of a pod that is being
     * deleted it is none: what made it go, a suspension for one, may have been long ago.
     */
    static Optional<Instant> decided(Snapshot world) {
        return world.pod()
                .filter(pod -> owned(pod, run(world.execution())))
                .filter(pod -> !pod.getMetadata().getAnnotations().containsKey(OwnedLabels.POOL))
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .flatMap(OwnedLabels::decided);
    }

    /** Whether somebody wants it to end. */
    static boolean cancelled(PluginExecution execution) {
        return execution.getSpec() != null
                && Boolean.TRUE.equals(execution.getSpec().cancel());
    }

    /** Since when its claimed run is seen to be cancelled, as the status remembers. */
    static Optional<Instant> cancelledAt(@Nullable PluginExecutionStatus status) {
        return ConditionSet.find(status == null ? null : status.conditions(), ConditionType.Running)
                .filter(running -> ConditionReason.Cancelled.name().equals(running.reason()))
                .flatMap(running -> StatusDraft.time(running.lastTransitionTime()));
    }

    /** Whether nothing is to happen until somebody says so. */
    static boolean suspended(PluginExecution execution) {
        return execution.getSpec() != null
                && Boolean.TRUE.equals(execution.getSpec().suspend());
    }

    static @Nullable String notBefore(PluginExecution execution) {
        PluginExecutionStatus status = execution.getStatus();
        return status == null || status.attempt() == null
                ? null
                : status.attempt().notBefore();
    }

    /** By uid, never by name: a pod somebody else planted is neither adopted nor deleted. */
    static boolean owned(Pod pod, RunIdentity run) {
        return execution(pod).filter(run.uid()::equals).isPresent();
    }

    /** The uid of the execution a pod belongs to. */
    public static Optional<String> execution(Pod pod) {
        return owner(pod, "PluginExecution");
    }

    private static Optional<String> owner(Pod pod, String kind) {
        return pod.getMetadata().getOwnerReferences().stream()
                .filter(owner -> OwnedLabels.isOwner(owner, kind))
                .map(OwnerReference::getUid)
                .findFirst();
    }

    static boolean samePlan(Pod pod, ExecutionPlan plan) {
        return plan.permissions()
                        .hash()
                        .equals(pod.getMetadata().getAnnotations().get(OwnedLabels.PLAN))
                && plan.sandboxClass().equals(pod.getMetadata().getLabels().get(OwnedLabels.SANDBOX_CLASS));
    }

    static List<Action.Cleared> deletePod(Snapshot world) {
        return world.pod()
                .filter(pod -> owned(pod, run(world.execution()))
                        || world.pools().rival().isEmpty() && claimedFromPool(world.execution(), pod))
                .map(RunState::delete)
                .orElse(List.of());
    }

    /** Pods of earlier attempts: each was to go once the next one stood in the status, and whoever wrote that died over it, or was refused. */
    static List<Action.Cleared> leftBehind(Snapshot world) {
        int now = attempt(world.execution());
        return world.facts().owned().stream()
                .filter(pod -> attempt(pod) < now)
                .flatMap(pod -> delete(pod).stream())
                .toList();
    }

    private static int attempt(Pod pod) {
        String number = pod.getMetadata().getAnnotations().get(OwnedLabels.ATTEMPT);
        return number != null && number.matches("[0-9]{1,9}") ? Integer.parseInt(number) : Integer.MAX_VALUE;
    }

    private static List<Action.Cleared> delete(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() != null
                ? List.of()
                : List.of(new Action.DeletePod(
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid()));
    }

    /** Claimed, without a report, and still not dead: nobody will end this pod but us. */
    static boolean stuck(Snapshot world) {
        PluginExecutionStatus status = world.execution().getStatus();
        return Claim.of(status)
                .map(claim -> finalReport(status, claim).isEmpty()
                        && told(world, claim).isEmpty()
                        && !(PodReader.read(world.pod()) instanceof Exited))
                .orElse(false);
    }
}
