package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One class of which a pool keeps pods because runs of it came lately. */
@ApiObject
public record PoolShare(
        @JsonPropertyDescription("A plugin that ran.") @Nullable
        PluginReference plugin,

        @JsonPropertyDescription("Its handler.") @Size(max = 63) @Nullable
        String handler,

        @JsonPropertyDescription("The class of those runs and pods.") @Size(max = 63) @Nullable
        String sandboxClass,

        @JsonPropertyDescription("Pods that are to wait: of replicas, by how often it ran, at most one per run.")
        @Min(0)
        @Nullable
        Integer wanted,

        @JsonPropertyDescription("Pods that do.") @Min(0) @Nullable
        Integer ready) {}
