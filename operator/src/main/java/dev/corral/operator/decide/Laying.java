package dev.corral.operator.decide;

import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Planner;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What must lie before a pod is made: deny first, allow second. A policy is due where none lies as it is rendered: there is none, or it is
 * being deleted, or somebody wrote it before the guards were there, or a release that rendered it otherwise.
 */
final class Laying {
    private Laying() {}

    static List<Action.Laid> policies(Surroundings here, ExecutionPlan plan) {
        boolean asChanged = toleratesOpen(plan.permissions());
        List<NetworkPolicy> rendered = rendered(here, plan);
        List<Action.Laid> actions = new ArrayList<>(due(here, rendered.subList(0, 1), asChanged));
        if (!here.accountExists()) {
            actions.add(new Action.EnsureAccount(plan.run().namespace()));
        }
        actions.addAll(due(here, rendered.subList(1, rendered.size()), asChanged));
        return actions;
    }

    /**
     * Since when all policies of the plan lie as they are; never, where one is due. What is older was made behind something else: what its
     * launcher proved, and what the network plugin set up for it, is of then. Where an open network is tolerated, always.
     */
    static Instant since(Surroundings here, ExecutionPlan plan) {
        Instant since = Instant.EPOCH;
        if (toleratesOpen(plan.permissions())) {
            return since;
        }
        for (NetworkPolicy policy : rendered(here, plan)) {
            LaidPolicy wanted = LaidPolicy.of(policy);
            Instant its = there(here, wanted)
                    .filter(wanted::says)
                    .map(LaidPolicy::since)
                    .orElse(Instant.MAX);
            since = its.isAfter(since) ? its : since;
        }
        return since;
    }

    /** Whether the pod was decided on, or, where it does not say when, made at that moment or later. */
    static boolean isMade(Pod pod, Instant since) {
        return !OwnedLabels.decided(pod)
                .or(() -> StatusDraft.time(pod.getMetadata().getCreationTimestamp()))
                .orElse(Instant.EPOCH)
                .isBefore(since);
    }

    static boolean toleratesOpen(EffectivePermissions permissions) {
        return permissions.tolerateUnenforced().contains("network");
    }

    /** What is due beside a pod that runs something, and what its network policies open, or opened since its claim, beyond what is rendered. */
    record Correction(List<Action.ApplyNetworkPolicy> policies, List<NetworkOpening> opened) {
        String message() {
            return policies.stream()
                    .map(action ->
                            "NetworkPolicy " + action.policy().getMetadata().getName())
                    .collect(Collectors.joining(", ", "changed or deleted beside this run, and written anew: ", ""));
        }
    }

    /** With what policies grant of it now; of another class that cannot be told, and the one that denies is compared alone. */
    static Correction correction(Surroundings here, Pod pod, EffectivePermissions granted, Instant claimed) {
        String namespace = pod.getMetadata().getNamespace();
        String networkClass = new Planner(here.installation()).networkClass(granted);
        List<NetworkPolicy> rendered = new ArrayList<>();
        rendered.add(NetworkPolicyRenderer.defaultDeny(namespace));
        if (networkClass.equals(pod.getMetadata().getLabels().get(OwnedLabels.NETWORK_CLASS))) {
            rendered.add(new NetworkPolicyRenderer(here.installation()).forClass(namespace, networkClass, granted));
        }
        return new Correction(due(here, rendered, false), opened(here, rendered, claimed));
    }

    /** What the policies of the plan open beyond what is rendered. */
    static List<NetworkOpening> opened(Surroundings here, ExecutionPlan plan) {
        return opened(here, rendered(here, plan), Instant.MAX);
    }

    private static List<NetworkOpening> opened(Surroundings here, List<NetworkPolicy> rendered, Instant claimed) {
        return rendered.stream()
                .map(LaidPolicy::of)
                .filter(wanted -> opens(here, wanted)
                        || there(here, wanted)
                                .filter(found -> found.openUntil().isAfter(claimed))
                                .isPresent())
                .map(wanted -> new NetworkOpening(
                        "NetworkPolicy " + wanted.name() + " is not as Corral wrote it and",
                        "more than the grants",
                        "Corral writes it anew",
                        Optional.empty()))
                .toList();
    }

    /** Without the policy that denies, pods are open; without the one of their class they are shut. */
    private static boolean opens(Surroundings here, LaidPolicy wanted) {
        return there(here, wanted)
                .map(found -> found.opensMoreThan(wanted))
                .orElse(wanted.rules().isEmpty());
    }

    private static List<NetworkPolicy> rendered(Surroundings here, ExecutionPlan plan) {
        return List.of(
                NetworkPolicyRenderer.defaultDeny(plan.run().namespace()),
                new NetworkPolicyRenderer(here.installation()).forClass(plan));
    }

    private static List<Action.ApplyNetworkPolicy> due(
            Surroundings here, List<NetworkPolicy> rendered, boolean asChanged) {
        return rendered.stream()
                .filter(policy -> !lies(here, LaidPolicy.of(policy)))
                .map(policy -> new Action.ApplyNetworkPolicy(policy, asChanged, opens(here, LaidPolicy.of(policy))))
                .toList();
    }

    private static boolean lies(Surroundings here, LaidPolicy wanted) {
        return there(here, wanted).filter(wanted::says).isPresent();
    }

    private static Optional<LaidPolicy> there(Surroundings here, LaidPolicy wanted) {
        return here.networkPolicies().stream()
                .filter(found -> found.name().equals(wanted.name()))
                .findFirst();
    }
}
