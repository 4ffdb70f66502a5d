package dev.corral.operator.render;

import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The labels, the annotations and the pod condition that are ours. Labels are of the class, fixed at birth: a label per run costs a network identity each. */
public final class OwnedLabels {
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String CORRAL = "corral";
    public static final String PLUGIN_POD = "corral.dev/plugin-pod";
    public static final String NETWORK_CLASS = "corral.dev/network-class";
    public static final String SANDBOX_CLASS = "corral.dev/sandbox-class";
    public static final String EXECUTION = "corral.dev/execution";
    public static final String ATTEMPT = "corral.dev/attempt";
    public static final String PLAN = "corral.dev/plan";
    /** Of a pod that was made by a pool: the pool's name. It stays when an execution takes the pod over. */
    public static final String POOL = "corral.dev/pool";
    /** Of a pod that was made by a pool: the hash of everything it was made from but its name and user. */
    public static final String TEMPLATE = "corral.dev/template";
    /** Of a pod that was made by a pool: a hash of what the runs ask for that it was made for. */
    public static final String KIND = "corral.dev/kind";
    /** When the pod was decided on: behind which network policies, and, of a run, when its pending clock began if no status says so. */
    public static final String DECIDED = "corral.dev/decided";
    /** What the run is given, to be told later whether it is still granted. */
    public static final String GIVEN = "corral.dev/given";
    /** The readiness gate, a condition: True when the sandbox is proven; its message is what the launcher saw, as JSON. */
    public static final String SANDBOX_VERIFIED = "corral.dev/SandboxVerified";

    /** The pods of the gateway, as the chart labels them. */
    public static final Map<String, String> GATEWAY =
            Map.of("app.kubernetes.io/name", CORRAL, "app.kubernetes.io/component", "gateway");

    /** Labels of every plugin pod, the same everywhere; those of its class come besides. */
    public static final Map<String, String> EVERY_POD = everyPod();

    /** What keeps well-known injectors of sidecars and agents away. A sidecar breaks the shape of the pod, and the guard refuses it. */
    private static final Map<String, String> OPT_OUT_ANNOTATIONS = Map.of(
            "sidecar.istio.io/inject", "false",
            "linkerd.io/inject", "disabled",
            "consul.hashicorp.com/connect-inject", "false",
            "vault.hashicorp.com/agent-inject", "false",
            "dapr.io/enabled", "false",
            "sidecar.opentelemetry.io/inject", "false");

    private OwnedLabels() {}

    private static Map<String, String> everyPod() {
        return Map.of(
                MANAGED_BY,
                CORRAL,
                PLUGIN_POD,
                "true",
                "sidecar.istio.io/inject",
                "false",
                "istio.io/dataplane-mode",
                "none", // ambient mode has no sidecar but takes the pod's packets
                "kuma.io/sidecar-injection",
                "disabled",
                "admission.datadoghq.com/enabled",
                "false");
    }

    static Map<String, String> pod(ExecutionPlan plan) {
        Map<String, String> labels = new TreeMap<>(EVERY_POD);
        labels.put(NETWORK_CLASS, plan.networkClass());
        labels.put(SANDBOX_CLASS, plan.sandboxClass());
        return labels;
    }

    /** What the pod of every class says, whoever made it. */
    static Map<String, String> annotations(ExecutionPlan plan) {
        Map<String, String> annotations = new TreeMap<>(OPT_OUT_ANNOTATIONS);
        annotations.put(PLAN, plan.permissions().hash());
        annotations.put(GIVEN, plan.permissions().record().text());
        return annotations;
    }

    /** What says of a pod which run it belongs to. */
    public static Map<String, String> ofRun(RunIdentity run) {
        return Map.of(EXECUTION, run.name(), ATTEMPT, Integer.toString(run.attempt()));
    }

    /** The pod, which then remembers the moment. */
    public static Pod decided(Pod pod, Instant moment) {
        return new PodBuilder(pod)
                .editMetadata()
                .addToAnnotations(DECIDED, moment.toString())
                .endMetadata()
                .build();
    }

    /** What the pod remembers; empty when it says nothing readable. */
    public static Optional<Instant> decided(Pod pod) {
        try {
            return Optional.ofNullable(pod.getMetadata().getAnnotations().get(DECIDED))
                    .map(Instant::parse);
        } catch (DateTimeParseException unreadable) {
            return Optional.empty();
        }
    }

    /** Whether that is the controlling owner, and an object of ours of that kind: other groups may have a kind of the same name. */
    public static boolean isOwner(OwnerReference owner, String kind) {
        return Boolean.TRUE.equals(owner.getController())
                && kind.equals(owner.getKind())
                && String.valueOf(owner.getApiVersion()).startsWith("corral.dev/");
    }

    /** The controlling owner of a pod, so that deleting the one takes the other along. */
    public static OwnerReference owner(String kind, String name, String uid) {
        return new OwnerReferenceBuilder()
                .withApiVersion("corral.dev/v1alpha1")
                .withKind(kind)
                .withName(name)
                .withUid(uid)
                .withController(true)
                .build();
    }
}
