package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One policy in the generation that was used. */
@ApiObject
public record PolicyReference(
        @JsonPropertyDescription("ClusterPluginPolicy or PluginPolicy.") @Size(max = 63) @Nullable
        String kind,

        @JsonPropertyDescription("Its name.") @Size(max = 253) @Nullable
        String name,

        @JsonPropertyDescription("Its UID.") @Size(max = 64) @Nullable
        String uid,

        @JsonPropertyDescription("Its generation.") @Min(0) @Nullable
        Long generation) {}
