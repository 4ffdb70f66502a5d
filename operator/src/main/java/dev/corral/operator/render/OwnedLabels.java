package dev.corral.operator.render;

import dev.corral.operator.plan.ExecutionPlan;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;

/** The labels and annotations that are ours. Labels are of the class, fixed at birth: a label per run costs a network identity each. */
public final class OwnedLabels {
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String CORRAL = "corral";
    public static final String PLUGIN_POD = "corral.dev/plugin-pod";
    public static final String NETWORK_CLASS = "corral.dev/network-class";
    public static final String SANDBOX_CLASS = "corral.dev/sandbox-class";
    public static final String EXECUTION = "corral.dev/execution";
    public static final String ATTEMPT = "corral.dev/attempt";
    public static final String PLAN = "corral.dev/plan";
    /** What the run is given, to be told later whether it is still granted. */
    public static final String GIVEN = "corral.dev/given";
    /** The pods of the gateway, as the chart labels them. */
    public static final Map<String, String> GATEWAY =
            Map.of("app.kubernetes.io/name", CORRAL, "app.kubernetes.io/component", "gateway");

    private OwnedLabels() {}

    static Map<String, String> pod(ExecutionPlan plan) {
        return Map.of(
                MANAGED_BY,
                CORRAL,
                PLUGIN_POD,
                "true",
                NETWORK_CLASS,
                plan.networkClass(),
                SANDBOX_CLASS,
                plan.sandboxClass());
    }

    static Map<String, String> annotations(ExecutionPlan plan) {
        return Map.of(
                EXECUTION, plan.run().name(),
                ATTEMPT, Integer.toString(plan.run().attempt()),
                PLAN, plan.permissions().hash(),
                GIVEN, plan.permissions().record().text());
    }

    /** The execution as controlling owner, so that deleting it takes the pod along. */
    static OwnerReference owner(ExecutionPlan plan) {
        return new OwnerReferenceBuilder()
                .withApiVersion("corral.dev/v1alpha1")
                .withKind("PluginExecution")
                .withName(plan.run().name())
                .withUid(plan.run().uid())
                .withController(true)
                .build();
    }
}
