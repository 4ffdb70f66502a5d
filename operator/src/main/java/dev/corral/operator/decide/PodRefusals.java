package dev.corral.operator.decide;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what an API server's refusal of a plugin pod, or of its network policies, means, and what to do. */
public final class PodRefusals {
    /** The name goes on where the installation is not in {@code corral-system}. */
    private static final Pattern OUR_GUARD = Pattern.compile(
            "ValidatingAdmissionPolicy 'corral-pod-shape(?:\\.[^']*)?'.*?denied request: (.*)", Pattern.DOTALL);
    /** As the guard names the values it shares with the operator, which has them from the same chart, but not from the same moment. */
    private static final String SHARED_VALUES = "the chart's ";

    /** Containers that injectors add, by the name they give them. */
    private static final Map<String, String> INJECTORS = Map.of(
            "istio-proxy", "Istio",
            "istio-init", "Istio",
            "linkerd-proxy", "Linkerd",
            "consul-dataplane", "Consul",
            "vault-agent", "the Vault agent injector",
            "daprd", "Dapr",
            "kuma-sidecar", "Kuma",
            "otc-container", "the OpenTelemetry operator");

    /** As the API server's ResourceQuota admission says it. */
    private static final String QUOTA = "exceeded quota: ";

    /** As {@code Applier} says it of a network policy. */
    private static final Pattern CHANGED = Pattern.compile("NetworkPolicy \\S+ was changed on its way.*");

    private static final String LEAVE_OUT = " let that one leave out pods with the label corral.dev/plugin-pod"
            + " (kubectl get mutatingwebhookconfigurations,mutatingadmissionpolicies)";

    private PodRefusals() {}

    /** Whether a ResourceQuota has no room just now; asking again helps. */
    public static boolean byQuota(String words) {
        return words.contains(QUOTA);
    }

    /**
     * The words for status. A refusal by our own guard means that the pod was changed on its way: as it is rendered it passes, which
     * {@code PodShapeIT} shows. But for what both take from the chart: during an upgrade the guard is ahead of the operator.
     */
    public static String explain(String words) {
        if (CHANGED.matcher(words).matches()) {
            return words + "; let that one leave out those with the label app.kubernetes.io/managed-by=corral"
                    + " (kubectl get mutatingwebhookconfigurations,mutatingadmissionpolicies),"
                    + " or let an admin tolerate it by tolerateUnenforced: [network]";
        }
        Matcher guard = OUR_GUARD.matcher(words);
        if (!guard.find()) {
            return "the pod was refused: " + words;
        }
        String what = guard.group(1).strip();
        if (what.contains(SHARED_VALUES)) {
            return "a guard refused the pod: " + what
                    + "; chart and running operator differ: an upgrade is on its way, or failed"
                    + " (helm history, kubectl get deployment corral-controller). If neither, a mutating webhook changed the pod:"
                    + LEAVE_OUT;
        }
        String who = INJECTORS.entrySet().stream()
                .filter(injector -> what.contains(injector.getKey()))
                .map(injector -> "; container " + injector.getKey() + " is that of " + injector.getValue())
                .findFirst()
                .orElse("");
        return "the pod was changed on its way by a mutating webhook or MutatingAdmissionPolicy, and a guard refused what became of it: "
                + what + who + ";" + LEAVE_OUT;
    }
}
