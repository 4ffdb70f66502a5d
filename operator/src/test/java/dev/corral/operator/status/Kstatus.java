package dev.corral.operator.status;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;

/** What kstatus, by which Flux and Helm wait, makes of an object whose kind it does not know (cli-utils, pkg/kstatus/status). */
public final class Kstatus {
    private Kstatus() {}

    public static String of(HasMetadata object) {
        return of(Serialization.unmarshal(Serialization.asJson(object), JsonNode.class));
    }

    public static String of(JsonNode object) {
        var observed = object.at("/status/observedGeneration");
        if (!observed.isMissingNode()
                && observed.asLong() != object.at("/metadata/generation").asLong()) {
            return "InProgress";
        }
        for (var condition : object.at("/status/conditions")) {
            if (is(condition, "Reconciling", "True")) {
                return "InProgress";
            }
            if (is(condition, "Stalled", "True")) {
                return "Failed";
            }
        }
        for (var condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return is(condition, "Ready", "True") ? "Current" : "InProgress";
            }
        }
        return "Current";
    }

    private static boolean is(JsonNode condition, String type, String status) {
        return condition.path("type").asText().equals(type)
                && condition.path("status").asText().equals(status);
    }
}
