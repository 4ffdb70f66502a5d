package dev.corral.operator.spec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.DecidedPlugin;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.Permissions;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginPolicySpec;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.status.ConditionSet;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Objects as caches keep them. A few hundred executions with inputs of 250 KiB, or plugins with a schema of a megabyte, or ten thousand
 * executions that ended, which one tenant can make, would fill the memory of a process that serves everybody. So what makes one large is
 * left out, and whoever needs it reads the object from the API server.
 */
public final class Slim {
    private static final int MOST = 16 * 1024;
    /** Of a policy, which whoever decides needs whole. Those with a few hundred entries have a tenth of it. */
    static final int MOST_OF_A_POLICY = 64 * 1024;
    /** What a node of a JSON tree takes beside its text, about: an empty map takes 80, a short text 68. */
    private static final int NODE = 64;
    /** Says so in memory. Somebody who writes it into an object has it read once more for each look. */
    private static final String LEFT_OUT = "corral.dev/left-out";

    private static final Map<String, String> MARK = Map.of(LEFT_OUT, "true");

    private Slim() {}

    /**
     * The execution itself up to some 16 KiB of metadata, input, variables and permissions. Of a larger one what finds it, what says how it
     * goes on, and its status. Of one that ended what clears it, and what it left to others.
     */
    public static PluginExecution of(PluginExecution execution) {
        boolean large = weight(execution) > MOST;
        boolean ended = ended(execution.getStatus());
        if (!large && !ended) {
            return execution;
        }
        PluginExecution slim = new PluginExecution();
        slim.setMetadata(metadata(execution.getMetadata()));
        slim.setSpec(execution.getSpec() == null ? null : spec(execution.getSpec(), large));
        slim.setStatus(ended ? remains(execution.getStatus()) : execution.getStatus());
        return slim;
    }

    /** The plugin itself up to some 16 KiB; of the spec of a larger one the image and the capabilities, by which policies select it. */
    public static Plugin of(Plugin plugin) {
        PluginSpec spec = plugin.getSpec();
        if (weight(plugin.getMetadata()) + (spec == null ? 0 : weight(spec)) <= MOST) {
            return plugin;
        }
        Plugin slim = new Plugin();
        slim.setMetadata(metadata(plugin.getMetadata()));
        slim.setSpec(spec == null ? null : selected(spec));
        slim.setStatus(plugin.getStatus());
        return slim;
    }

    private static PluginSpec selected(PluginSpec whole) {
        Permissions asked = capabilities(whole.permissions());
        List<Handler> handlers = asked == null || whole.handlers() == null ? List.of() : whole.handlers();
        return new PluginSpec(
                null,
                whole.image(),
                asked,
                null,
                handlers.stream()
                        .map(handler -> new Handler(
                                handler.name(), List.of(), capabilities(handler.permissions()), null, null, null))
                        .toList());
    }

    private static @Nullable Permissions capabilities(@Nullable Permissions whole) {
        return whole == null || whole.capabilities() == null
                ? null
                : new Permissions(null, null, null, null, null, null, null, null, null, whole.capabilities(), null);
    }

    /** The pool, with little metadata; the schema bounds the rest. */
    public static PluginPool of(PluginPool pool) {
        if (weight(pool.getMetadata()) <= MOST) {
            return pool;
        }
        PluginPool slim = new PluginPool();
        slim.setMetadata(metadata(pool.getMetadata()));
        slim.setSpec(pool.getSpec());
        slim.setStatus(pool.getStatus());
        return slim;
    }

    /** The policy, with little metadata; of one with more than some 64 KiB nothing that it says, so that it is read as {@link #tooLarge}. */
    public static PluginPolicy of(PluginPolicy policy) {
        PluginPolicySpec spec = policy.getSpec();
        boolean large = String.valueOf(spec).length() > MOST_OF_A_POLICY;
        if (!large && weight(policy.getMetadata()) <= MOST) {
            return policy;
        }
        PluginPolicy slim = new PluginPolicy();
        slim.setMetadata(metadata(policy.getMetadata()));
        slim.setSpec(large ? null : spec);
        slim.setStatus(policy.getStatus());
        return slim;
    }

    /** Whether this is what was kept of a policy that is too large to be read; nobody reads it whole. */
    static boolean tooLarge(PluginPolicy policy) {
        return is(policy) && policy.getSpec() == null;
    }

    /** Whether something was left out. */
    public static boolean is(HasMetadata object) {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(LEFT_OUT);
    }

    private static boolean ended(@Nullable PluginExecutionStatus status) {
        return status != null && status.ended() && ConditionSet.ended(status.conditions());
    }

    private static ObjectMeta metadata(ObjectMeta whole) {
        ObjectMeta slim = identity(whole);
        slim.setAnnotations(MARK);
        return slim;
    }

    /** Which object it is, in which version, and whether it is to go. */
    public static ObjectMeta identity(ObjectMeta whole) {
        ObjectMeta slim = new ObjectMeta();
        slim.setNamespace(whole.getNamespace());
        slim.setName(whole.getName());
        slim.setUid(whole.getUid());
        slim.setResourceVersion(whole.getResourceVersion());
        slim.setGeneration(whole.getGeneration());
        slim.setCreationTimestamp(whole.getCreationTimestamp());
        slim.setDeletionTimestamp(whole.getDeletionTimestamp());
        return slim;
    }

    /** With all that indexes of caches are made of: they are told of the whole object when it comes, and of this one when it goes. */
    private static PluginExecutionSpec spec(PluginExecutionSpec whole, boolean large) {
        return new PluginExecutionSpec(
                whole.plugin(),
                whole.handler(),
                null,
                whole.inputFrom(),
                null,
                whole.files(),
                whole.secrets(),
                large ? capabilities(whole.permissions()) : whole.permissions(),
                whole.timeout(),
                whole.retry(),
                whole.ttl(),
                whole.suspend(),
                whole.cancel(),
                whole.mode(),
                whole.priority());
    }

    /** A status that says the end is never decided again. What is left of it: how it ended, about which spec, which pod it had, and its artifacts. */
    private static PluginExecutionStatus remains(PluginExecutionStatus whole) {
        DecidedPlugin plugin = whole.plugin();
        RunReport report = whole.report();
        return PluginExecutionStatus.remains(
                whole.observedGeneration(),
                ConditionSet.find(whole.conditions(), ConditionType.Succeeded)
                        .map(List::of)
                        .orElse(null),
                whole.start(),
                whole.completionTime(),
                plugin == null ? null : new DecidedPlugin(plugin.kind(), plugin.name(), null, null, null, null, null),
                whole.attempt(),
                whole.artifacts(),
                report == null ? null : report.only(),
                whole.installation());
    }

    private static long weight(PluginExecution execution) {
        PluginExecutionSpec spec = execution.getSpec();
        long metadata = weight(execution.getMetadata());
        return spec == null ? metadata : metadata + of(spec.env()) + of(spec.permissions()) + of(spec.input());
    }

    private static long weight(ObjectMeta metadata) {
        return of(metadata.getAnnotations())
                + of(metadata.getLabels())
                + metadata.getFinalizers().stream().mapToLong(String::length).sum()
                + metadata.getOwnerReferences().toString().length();
    }

    private static long weight(PluginSpec spec) {
        long weight = of(spec.permissions())
                + String.valueOf(spec.image()).length()
                + String.valueOf(spec.artifacts()).length();
        for (Handler handler : spec.handlers() == null ? List.<Handler>of() : spec.handlers()) {
            weight += String.valueOf(handler.command()).length()
                    + of(handler.permissions())
                    + of(handler.input())
                    + of(handler.output());
        }
        return weight;
    }

    private static long of(@Nullable Permissions permissions) {
        return permissions == null ? 0 : permissions.toString().length();
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

    /** Inputs and schemas may nest as deep as they like, so there is no recursion; of a large one not all is looked at. */
    private static long of(@Nullable JsonNode input) {
        long weight = 0;
        Deque<JsonNode> ahead = new ArrayDeque<>();
        if (input != null) {
            ahead.add(input);
        }
        while (!ahead.isEmpty() && weight <= MOST) {
            JsonNode node = ahead.removeLast();
            if (Unread.is(node)) {
                return MOST + 1;
            }
            weight += NODE + (node.isValueNode() ? node.asText().length() : 0);
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                weight += field.getKey().length();
            }
            node.forEach(ahead::add);
        }
        return weight;
    }
}
