package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Per permission: who enforces it, with what proof. Absence of proof is {@code NotEnforced}. */
@ApiObject
public record EnforcementStatus(
        @JsonPropertyDescription("The permission. Example: network.") @Required @Size(max = 63)
        String permission,

        @JsonPropertyDescription("Enforced, Partial or NotEnforced.") @Required
        EnforcementState state,

        @JsonPropertyDescription("By what. Example: NetworkPolicy + gateway.") @Size(max = 256) @Nullable
        String mechanism,

        @JsonPropertyDescription("What was seen. Example: port B refused in 61 ms, port A open.")
        @Size(max = 512)
        @Nullable
        String evidence,

        @JsonPropertyDescription("Why not, or why not wholly.") @Size(max = 512) @Nullable
        String reason) {}
