package dev.corral.operator.decide;

import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Planner;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What must lie before a pod is made: deny first, allow second. What the caches already show is not written again. */
final class Laying {
    private Laying() {}

    static List<Action.Laid> policies(Surroundings here, ExecutionPlan plan) {
        String namespace = plan.run().namespace();
        NetworkPolicy deny = NetworkPolicyRenderer.defaultDeny(namespace);
        NetworkPolicy allow = new NetworkPolicyRenderer(here.installation()).forClass(plan);
        List<Action.Laid> actions = new ArrayList<>();
        if (!lies(here, deny)) {
            actions.add(new Action.ApplyNetworkPolicy(deny));
        }
        if (!here.accountExists()) {
            actions.add(new Action.EnsureAccount(namespace));
        }
        if (!lies(here, allow)) {
            actions.add(new Action.ApplyNetworkPolicy(allow));
        }
        return actions;
    }

    /**
     * Those policies that lie there under their names and are not what is rendered: somebody wrote them before the guards were there, or a
     * release that rendered them otherwise. Nothing is to start behind them.
     */
    static List<Action.Laid> corrections(Surroundings here, ExecutionPlan plan) {
        return corrections(
                here,
                NetworkPolicyRenderer.defaultDeny(plan.run().namespace()),
                new NetworkPolicyRenderer(here.installation()).forClass(plan));
    }

    /** The same for a pod that runs something, with what policies grant of it now; of another class that cannot be told. */
    static List<Action.Laid> corrections(Surroundings here, Pod pod, EffectivePermissions granted) {
        String namespace = pod.getMetadata().getNamespace();
        String networkClass = new Planner(here.installation()).networkClass(granted);
        NetworkPolicy deny = NetworkPolicyRenderer.defaultDeny(namespace);
        return networkClass.equals(pod.getMetadata().getLabels().get(OwnedLabels.NETWORK_CLASS))
                ? corrections(
                        here,
                        deny,
                        new NetworkPolicyRenderer(here.installation()).forClass(namespace, networkClass, granted))
                : corrections(here, deny);
    }

    private static List<Action.Laid> corrections(Surroundings here, NetworkPolicy... rendered) {
        return Stream.of(rendered)
                .filter(policy -> !lies(here, policy))
                .filter(policy -> here.networkPolicies().stream()
                        .map(LaidPolicy::name)
                        .anyMatch(policy.getMetadata().getName()::equals))
                .<Action.Laid>map(Action.ApplyNetworkPolicy::new)
                .toList();
    }

    private static boolean lies(Surroundings here, NetworkPolicy rendered) {
        return here.networkPolicies().contains(LaidPolicy.of(rendered));
    }
}
