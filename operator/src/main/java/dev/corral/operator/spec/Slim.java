package dev.corral.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Executions as caches keep them. A few hundred with inputs of 250 KiB, which one tenant can make, would fill the memory of a process that
 * serves everybody; so what makes one large is left out, and whoever needs it reads the object from the API server.
 */
public final class Slim {
    private static final int MOST = 16 * 1024;
    /** What a node of a JSON tree takes beside its text, about. */
    private static final int NODE = 16;
    /** Says so in memory. Somebody who writes it into an object has it read once more for each look. */
    private static final String LEFT_OUT = "corral.dev/left-out";

    private Slim() {}

    /**
     * The execution itself up to some 16 KiB of metadata, input, variables and permissions. Of a larger one what finds it, what says how it
     * goes on, and its status.
     */
    public static PluginExecution of(PluginExecution execution) {
        if (weight(execution) <= MOST) {
            return execution;
        }
        PluginExecution slim = new PluginExecution();
        slim.setMetadata(metadata(execution.getMetadata()));
        slim.setSpec(execution.getSpec() == null ? null : spec(execution.getSpec()));
        slim.setStatus(execution.getStatus());
        return slim;
    }

    /** Whether something was left out. */
    public static boolean is(PluginExecution execution) {
        Map<String, String> annotations = execution.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(LEFT_OUT);
    }

    private static ObjectMeta metadata(ObjectMeta whole) {
        return new ObjectMetaBuilder()
                .withNamespace(whole.getNamespace())
                .withName(whole.getName())
                .withUid(whole.getUid())
                .withResourceVersion(whole.getResourceVersion())
                .withGeneration(whole.getGeneration())
                .withCreationTimestamp(whole.getCreationTimestamp())
                .withDeletionTimestamp(whole.getDeletionTimestamp())
                .withAnnotations(Map.of(LEFT_OUT, "true"))
                .build();
    }

    private static PluginExecutionSpec spec(PluginExecutionSpec whole) {
        return new PluginExecutionSpec(
                whole.plugin(),
                whole.handler(),
                null,
                whole.inputFrom(),
                null,
                whole.files(),
                whole.secrets(),
                null,
                whole.timeout(),
                whole.retry(),
                whole.ttl(),
                whole.suspend(),
                whole.cancel(),
                whole.mode(),
                whole.priority());
    }

    private static long weight(PluginExecution execution) {
        ObjectMeta metadata = execution.getMetadata();
        PluginExecutionSpec spec = execution.getSpec();
        long weight = of(metadata.getAnnotations())
                + of(metadata.getLabels())
                + metadata.getFinalizers().stream().mapToLong(String::length).sum()
                + metadata.getOwnerReferences().toString().length();
        return spec == null
                ? weight
                : weight
                        + of(spec.env())
                        + (spec.permissions() == null
                                ? 0
                                : spec.permissions().toString().length())
                        + of(spec.input());
    }

    private static long of(@Nullable Map<String, String> texts) {
        return texts == null
                ? 0
                : texts.entrySet().stream()
                        .mapToLong(entry -> entry.getKey().length()
                                + String.valueOf(entry.getValue()).length())
                        .sum();
    }

    private static long of(@Nullable List<EnvVariable> variables) {
        return variables == null
                ? 0
                : variables.stream()
                        .mapToLong(variable -> variable.value() == null
                                ? NODE
                                : variable.value().length())
                        .sum();
    }

    /** Inputs may nest as deep as they like, so there is no recursion; of a large one not all is looked at. */
    private static long of(@Nullable JsonNode input) {
        long weight = 0;
        Deque<JsonNode> ahead = new ArrayDeque<>();
        if (input != null) {
            ahead.add(input);
        }
        while (!ahead.isEmpty() && weight <= MOST) {
            JsonNode node = ahead.removeLast();
            weight += NODE + (node.isValueNode() ? node.asText().length() : 0);
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                weight += field.getKey().length();
            }
            node.forEach(ahead::add);
        }
        return weight;
    }
}
