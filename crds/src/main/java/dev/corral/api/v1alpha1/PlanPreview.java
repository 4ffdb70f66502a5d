package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code mode: Plan}: the objects that would be created, as YAML documents; and, where something is refused or lowered, what would allow it. */
@ApiObject
public record PlanPreview(
        @JsonPropertyDescription("The objects that would be created, one YAML document each.") @Size(max = 16) @Nullable
        List<@Size(max = 8192) String> objects,

        @JsonPropertyDescription(
                "A ClusterPluginPolicy that would allow what is refused or lowered, as YAML to paste; comments say what no policy can allow.")
        @Size(max = 8192)
        @Nullable
        String policy) {}
