package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the controller found about a plugin. */
@ApiObject
public record PluginStatus(
        @JsonPropertyDescription("The metadata.generation this is about; -1: none yet.") @Min(-1) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Ready: the plugin can be run.") @Size(max = 16) @Nullable
        List<Condition> conditions) {}
