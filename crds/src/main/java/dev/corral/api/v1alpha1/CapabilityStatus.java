package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One thing the cluster can or cannot enforce, with its evidence. */
@ApiObject
public record CapabilityStatus(
        @JsonPropertyDescription("What was probed. Example: landlock.") @Required @Size(max = 63)
        String name,

        @JsonPropertyDescription(
                "Nodes it was probed on: architecture, kernel, runtime and kubelet. Example: amd64 kernel 6.18.5 containerd://2.1.4 kubelet v1.36.0.")
        @Size(max = 253)
        @Nullable
        String nodeClass,

        @JsonPropertyDescription("Enforced, Partial or NotEnforced.") @Required
        EnforcementState state,

        @JsonPropertyDescription("What was seen.") @Size(max = 1024) @Nullable
        String evidence,

        @JsonPropertyDescription("First seen in this state.") @Size(max = 64) @Nullable
        String since,

        @JsonPropertyDescription("Last seen in this state.") @Size(max = 64) @Nullable
        String lastSeen) {}
