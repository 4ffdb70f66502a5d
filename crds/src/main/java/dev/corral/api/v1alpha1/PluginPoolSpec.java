package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which pods to keep waiting, and how many. They are of the class that an execution of this plugin and handler gets which narrows
 * nothing; every execution of that class may take one, whatever its input and variables. A pool that names neither keeps pods of the
 * classes that ran lately, {@code replicas} of them at most, more of those that ran more.
 */
@ApiObject
@ValidationRule(value = Rule.POOL_BOUNDS_IN_ORDER, message = Rule.POOL_BOUNDS_IN_ORDER_MESSAGE)
@ValidationRule(value = Rule.POOL_NAMES_BOTH, message = Rule.POOL_NAMES_BOTH_MESSAGE)
@ValidationRule(value = Rule.POOL_SECRETS_OF_PLUGIN, message = Rule.POOL_SECRETS_OF_PLUGIN_MESSAGE)
@ValidationRule(value = Rule.POOL_WITHIN_BOUNDS, message = Rule.POOL_WITHIN_BOUNDS_MESSAGE)
public record PluginPoolSpec(
        @JsonPropertyDescription(
                "The plugin. Default: whatever ran in the namespace in the last 10m, and replicas is a budget.")
        @Nullable
        PluginReference plugin,

        @JsonPropertyDescription("One of its handlers, with plugin. Example: check.")
        @Size(max = 63)
        @Pattern(Grammar.LABEL)
        @Nullable
        String handler,

        @JsonPropertyDescription("Secrets its executions name; they are mounted while the pod waits. Default: none.")
        @Size(max = 8)
        @Nullable
        List<SecretPermission> secrets,

        @JsonPropertyDescription(
                "Pods that wait, ready or starting; kubectl scale and autoscalers set it. Default: 1. Example: 5.")
        @Default("1") // in the object: without it the scale subresource has nothing to show
        @Min(0)
        @Max(1000)
        Integer replicas,

        @JsonPropertyDescription("replicas cannot be set lower. Default: 0. Example: 2.") @Min(0) @Max(1000) @Nullable
        Integer min,

        @JsonPropertyDescription("replicas cannot be set higher. Default: 1000. Example: 20.")
        @Min(0)
        @Max(1000)
        @Nullable
        Integer max,

        @JsonPropertyDescription("Pods made per second at most, while claims have the right of way. Default: 5.")
        @Min(1)
        @Max(100)
        @Nullable
        Integer refillPerSecond,

        @JsonPropertyDescription("A pod that has waited longer is replaced, 1m to 24h. Default: 1h. Example: 30m.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.DURATION)
        @ValidationRule(value = Rule.POOL_AGE, message = Rule.POOL_AGE_MESSAGE)
        @Nullable
        String maxAge) {}
