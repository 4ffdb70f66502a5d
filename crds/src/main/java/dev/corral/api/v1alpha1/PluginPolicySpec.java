package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Narrows. {@code limitTo} absent: only {@code denies} count; present: whatever it does not list is not granted in this namespace. */
@ApiObject
@ValidationRule(
        value = "has(self.limitTo) || has(self.denies) || has(self.concurrency) || has(self.maxPriority)",
        message = "a policy must say something: add spec.limitTo, spec.denies, spec.concurrency or spec.maxPriority")
@ValidationRule(value = Rule.NO_DENY_LISTS_IN_POLICY, message = Rule.NO_DENY_LISTS_MESSAGE)
@ValidationRule(value = Rule.NO_LIMITS_IN_DENIES, message = Rule.NO_LIMITS_IN_DENIES_MESSAGE)
public record PluginPolicySpec(
        @JsonPropertyDescription(
                "Enforce: it counts; Audit: it grants and refuses nothing, and executions say what it would refuse. Default: Enforce.")
        @Nullable
        PolicyMode mode,

        @JsonPropertyDescription(
                "Plugins and ClusterPlugins it applies to, by name. Default: all. Example: link-checker.")
        @Size(max = 128)
        @Nullable
        List<@Size(max = 253) @Pattern(Grammar.NAME) String> plugins,

        @JsonPropertyDescription(
                "What this namespace lets through; the rest is not granted. Default: everything cluster policies grant.")
        @Nullable
        Permissions limitTo,

        @JsonPropertyDescription("What is refused whoever grants it.") @Nullable
        Permissions denies,

        @JsonPropertyDescription("How many run at once, and how many may wait. Default: no bound.") @Nullable
        NamespaceConcurrency concurrency,

        @JsonPropertyDescription("Highest spec.priority in this namespace. Default: what cluster policies allow.")
        @Min(0)
        @Max(100)
        @Nullable
        Integer maxPriority) {}
