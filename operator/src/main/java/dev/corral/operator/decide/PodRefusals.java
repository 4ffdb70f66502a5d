package dev.corral.operator.decide;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says what an API server's refusal of a plugin pod means, and what to do. */
public final class PodRefusals {
    private static final Pattern OUR_GUARD =
            Pattern.compile("ValidatingAdmissionPolicy 'corral-pod-shape'.*?denied request: (.*)", Pattern.DOTALL);
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

    private PodRefusals() {}

    /** Whether a ResourceQuota has no room just now; asking again helps. */
    public static boolean byQuota(String words) {
        return words.contains(QUOTA);
    }

    /**
     * The words for status. A refusal by our own guard means that the pod was changed on its way: as it is rendered it passes, which
     * {@code PodShapeIT} shows.
     */
    public static String explain(String words) {
        Matcher guard = OUR_GUARD.matcher(words);
        if (!guard.find()) {
            return "the pod was refused: " + words;
        }
        String what = guard.group(1).strip();
        String who = INJECTORS.entrySet().stream()
                .filter(injector -> what.contains(injector.getKey()))
                .map(injector -> "; container " + injector.getKey() + " is that of " + injector.getValue())
                .findFirst()
                .orElse("");
        return "the pod was changed on its way by a mutating webhook or MutatingAdmissionPolicy, and a guard refused what became of it: "
                + what + who + "; let that one leave out pods with the label corral.dev/plugin-pod"
                + " (kubectl get mutatingwebhookconfigurations,mutatingadmissionpolicies)";
    }
}
