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

        @JsonPropertyDescription("Enforced, Partial or NotEnforced.") @Required
        EnforcementState state,

        @JsonPropertyDescription("What was seen.") @Size(max = 1024) @Nullable
        String evidence,

        @JsonPropertyDescription("First seen in this state.") @Size(max = 64) @Nullable
        String since,

        @JsonPropertyDescription("Last seen in this state.") @Size(max = 64) @Nullable
        String lastSeen) {}
