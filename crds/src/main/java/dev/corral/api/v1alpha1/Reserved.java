package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Requests of pods, added up. */
@ApiObject
public record Reserved(
        @JsonPropertyDescription("Example: 50m.") @Size(max = 32) @Nullable
        String cpu,

        @JsonPropertyDescription("Example: 640Mi.") @Size(max = 32) @Nullable
        String memory) {}
