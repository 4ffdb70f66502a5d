package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Selects executions by namespace and by catalogue plugin or image, and grants them permissions. Grants of all matching policies unite. */
@ApiObject
@ValidationRule(
        value = "has(self.grants) || has(self.denies) || has(self.concurrency) || has(self.maxPriority)",
        message = "a policy must say something: add spec.grants, spec.denies, spec.concurrency or spec.maxPriority")
@ValidationRule(value = Rule.NO_DENY_LISTS_IN_CLUSTER_POLICY, message = Rule.NO_DENY_LISTS_MESSAGE)
@ValidationRule(value = Rule.CAPABILITY_GRANTS, message = Rule.CAPABILITY_GRANTS_MESSAGE)
@ValidationRule(value = Rule.NO_CAPABILITIES_IN_GRANTS, message = Rule.NO_CAPABILITIES_IN_GRANTS_MESSAGE)
@ValidationRule(value = Rule.NO_LIMITS_IN_DENIES, message = Rule.NO_LIMITS_IN_DENIES_MESSAGE)
public record ClusterPluginPolicySpec(
        @JsonPropertyDescription(
                "Who answers for this policy. Default: nobody is named. Example: platform@example.org.")
        @Size(max = 256)
        @Nullable
        String owner,

        @JsonPropertyDescription(
                "From this moment (RFC 3339) it does nothing any more: no grants, no denies. Default: never. Example: 2027-01-31T00:00:00Z.")
        @Size(max = 64)
        @Pattern(Grammar.TIME)
        @Nullable
        String expires,

        @JsonPropertyDescription(
                "Enforce: it counts; Audit: it grants and refuses nothing, and executions say what it would refuse. Default: Enforce.")
        @Nullable
        PolicyMode mode,

        @JsonPropertyDescription("true: its grants count only where no other policy matches. Default: false.") @Nullable
        Boolean fallback,

        @JsonPropertyDescription(
                "The plugin capability it defines: it applies only to plugins that require it, and they are given all it grants. Default: none. Example: browser.")
        @Size(max = 32)
        @Pattern(Grammar.CAPABILITY)
        @Nullable
        String capability,

        @JsonPropertyDescription("Namespaces it applies to. Default: every namespace.") @Nullable
        LabelRequirement namespaces,

        @JsonPropertyDescription("ClusterPlugins it applies to, by name. Default: any plugin. Example: link-checker.")
        @Size(max = 128)
        @Nullable
        List<@Size(max = 253) @Pattern(Grammar.NAME) String> plugins,

        @JsonPropertyDescription(
                "Image repositories (a trailing /* takes all below) or digests it applies to. Default: any image. Example: registry.example.org/*.")
        @Size(max = 128)
        @ValidationRule(value = Rule.IMAGES_USUAL, message = Rule.IMAGE_USUAL_MESSAGE)
        @Nullable
        List<@Size(max = 512) @Pattern(Grammar.IMAGE_SELECTOR) String> images,

        @JsonPropertyDescription(
                "Digest: only images pinned by digest; Tag: tags too, the digest that ran is recorded. Default: Digest.")
        @Nullable
        ImageReferencePolicy imageReferences,

        @JsonPropertyDescription(
                "Allowed: executions may use mode Learn; they get the addresses, hosts and topics granted here without asking. Default: Refused.")
        @Nullable
        LearnPolicy learn,

        @JsonPropertyDescription("What it grants; the grants of all matching policies unite.") @Nullable
        Permissions grants,

        @JsonPropertyDescription("What is refused whoever grants it.") @Nullable
        Permissions denies,

        @JsonPropertyDescription("Names plugins may ask for under network.services, and where they are.")
        @Size(max = 64)
        @Nullable
        List<NamedService> services,

        @JsonPropertyDescription("Where pods may land. Default: anywhere.") @Nullable
        Placement placement,

        @JsonPropertyDescription(
                "Secrets (of the execution's namespace) that pull the image. Default: none. Example: registry-login.")
        @Size(max = 8)
        @Nullable
        List<@Size(max = 253) @Pattern(Grammar.NAME) String> imagePullSecrets,

        @JsonPropertyDescription(
                "What may run although the cluster cannot enforce it: network, userNamespace, landlock, files, commands. Default: none, such runs are refused.")
        @Size(max = 5)
        @Nullable
        List<@Size(max = 32) @Pattern(Grammar.UNENFORCED) String> tolerateUnenforced,

        @JsonPropertyDescription("How many run at once, and how many may wait. Default: no bound.") @Nullable
        Concurrency concurrency,

        @JsonPropertyDescription(
                "Highest spec.priority it allows; the highest of all matching policies counts. Default: 0. Example: 50.")
        @Min(0)
        @Max(100)
        @Nullable
        Integer maxPriority) {}
