package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the controller found in a pool; written at most every few seconds, so that claims cost no writes. */
@ApiObject
public record PluginPoolStatus(
        @JsonPropertyDescription("The metadata.generation this is about; -1: none yet.") @Min(-1) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Ready: as many pods wait as are wanted.") @Size(max = 16) @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Pods that wait or start; what the scale subresource shows.") @Min(0) @Nullable
        Integer replicas,

        @JsonPropertyDescription("Pods that are verified and wait.") @Min(0) @Nullable
        Integer ready,

        @JsonPropertyDescription("Pods on their way there.") @Min(0) @Nullable
        Integer starting,

        @JsonPropertyDescription("Pods of this pool that run an execution now.") @Min(0) @Nullable
        Integer claimed,

        @JsonPropertyDescription("The class of the waiting pods.") @Size(max = 63) @Nullable
        String sandboxClass,

        @JsonPropertyDescription(
                "Selects the pods of the class, of a pool that names no plugin all plugin pods; for autoscalers.")
        @Size(max = 253)
        @Nullable
        String selector,

        @JsonPropertyDescription("Of a pool that names no plugin: the classes it keeps pods of, most wanted first.")
        @Size(max = 8)
        @Nullable
        List<PoolShare> shares,

        @JsonPropertyDescription("What the pods that wait or start keep from others.") @Nullable
        Reserved reserved) {}
