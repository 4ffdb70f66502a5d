package dev.corral.operator.decide;

import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.ObjectNames;
import java.util.ArrayList;
import java.util.List;

/** What must lie before a pod is made: deny first, allow second. What the caches already show is not written again. */
final class Laying {
    private Laying() {}

    static List<Action.Laid> policies(Surroundings here, ExecutionPlan plan) {
        String namespace = plan.run().namespace();
        List<Action.Laid> actions = new ArrayList<>();
        if (!here.networkPolicies().contains(ObjectNames.DEFAULT_DENY)) {
            actions.add(new Action.ApplyNetworkPolicy(NetworkPolicyRenderer.defaultDeny(namespace)));
        }
        if (!here.accountExists()) {
            actions.add(new Action.EnsureAccount(namespace));
        }
        if (!here.networkPolicies().contains(ObjectNames.networkPolicy(plan.networkClass()))) {
            actions.add(new Action.ApplyNetworkPolicy(new NetworkPolicyRenderer(here.installation()).forClass(plan)));
        }
        return actions;
    }
}
