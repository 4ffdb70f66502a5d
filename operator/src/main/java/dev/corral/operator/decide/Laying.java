package dev.corral.operator.decide;

import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.ObjectNames;
import java.util.ArrayList;
import java.util.List;

/** What must lie before a pod is made: deny first, allow second. What the caches already show is not written again. */
final class Laying {
    private Laying() {}

    static List<Action> policies(Snapshot world, ExecutionPlan plan) {
        String namespace = plan.run().namespace();
        List<Action> actions = new ArrayList<>();
        if (!world.networkPolicies().contains(ObjectNames.DEFAULT_DENY)) {
            actions.add(new Action.ApplyNetworkPolicy(NetworkPolicyRenderer.defaultDeny(namespace)));
        }
        if (!world.accountExists()) {
            actions.add(new Action.EnsureAccount(namespace));
        }
        if (!world.networkPolicies().contains(ObjectNames.networkPolicy(plan.networkClass()))) {
            actions.add(new Action.ApplyNetworkPolicy(new NetworkPolicyRenderer(world.installation()).forClass(plan)));
        }
        return actions;
    }
}
