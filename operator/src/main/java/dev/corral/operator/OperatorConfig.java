package dev.corral.operator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the chart tells the operator; all environment is read here, once. */
public record OperatorConfig(
        String namespace,
        String podName,
        String launcherImage,
        Optional<LauncherDelivery> launcherDelivery,
        List<String> clusterRanges,
        List<String> egressRanges,
        boolean egress,
        Duration pendingTimeout,
        Path store,
        long storeBytes,
        int healthPort,
        NamespaceSelector namespaces,
        List<String> pullSecrets) {

    static final String VERSION = "0.1.0";
    /** As the probes of the cluster show. */
    private static final String AUTO = "Auto";

    /** Reads the environment; a missing or unreadable variable is named. */
    static OperatorConfig from(Map<String, String> environment) {
        return new OperatorConfig(
                required(environment, "CORRAL_NAMESPACE"),
                environment.getOrDefault("CORRAL_POD_NAME", "corral"),
                environment.getOrDefault("CORRAL_LAUNCHER_IMAGE", ""),
                Optional.of(environment.getOrDefault("CORRAL_LAUNCHER_DELIVERY", AUTO))
                        .filter(delivery -> !delivery.equals(AUTO))
                        .map(LauncherDelivery::valueOf),
                list(environment, "CORRAL_CLUSTER_RANGES"),
                list(environment, "CORRAL_EGRESS_RANGES"),
                Boolean.parseBoolean(environment.getOrDefault("CORRAL_EGRESS", "true")),
                Duration.parse("PT" + environment.getOrDefault("CORRAL_PENDING_TIMEOUT", "5m")),
                Path.of(environment.getOrDefault("CORRAL_STORE", "/var/lib/corral")),
                Long.parseLong(environment.getOrDefault("CORRAL_STORE_BYTES", Long.toString(8L << 30))),
                Integer.parseInt(environment.getOrDefault("CORRAL_HEALTH_PORT", "8080")),
                selector(environment.getOrDefault("CORRAL_NAMESPACES", "{}")),
                list(environment, "CORRAL_PULL_SECRETS"));
    }

    private static NamespaceSelector selector(String json) {
        try {
            return new ObjectMapper().readValue(json, NamespaceSelector.class);
        } catch (JsonProcessingException unreadable) {
            throw new IllegalArgumentException(
                    "CORRAL_NAMESPACES is no label selector; the chart sets it from its value namespaces", unreadable);
        }
    }

    /** The controller's alone: the gateway makes no pods. */
    String requireLauncherImage() {
        if (launcherImage.isBlank()) {
            throw new IllegalArgumentException("CORRAL_LAUNCHER_IMAGE is not set; the chart sets it");
        }
        return launcherImage;
    }

    private static List<String> list(Map<String, String> environment, String name) {
        return Arrays.stream(environment.getOrDefault(name, "").split("[,\\s]+"))
                .filter(item -> !item.isBlank())
                .toList();
    }

    private static String required(Map<String, String> environment, String name) {
        String value = environment.get(name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(name + " is not set; the chart sets it");
        }
        return value;
    }
}
