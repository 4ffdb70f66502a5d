package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a plugin is: an image, its handlers, the permissions it asks for and the artifacts it declares. */
@ApiObject
public record PluginSpec(
        @JsonPropertyDescription("Version of the plugin, for people and events. Default: none. Example: 1.4.0.")
        @Size(max = 64)
        @Pattern(Grammar.VERSION)
        @Nullable
        String version,

        @JsonPropertyDescription(
                "Image with a digest (what policies want by default) or a tag. Example: registry.example.org/link-checker:1.4.0.")
        @Required
        @Size(max = 512)
        @Pattern(Grammar.IMAGE)
        @ValidationRule(value = Rule.REGISTRY_NAMED, message = Rule.REGISTRY_NAMED_MESSAGE)
        @ValidationRule(value = Rule.IMAGE_USUAL, message = Rule.IMAGE_USUAL_MESSAGE)
        String image,

        @JsonPropertyDescription("What every handler asks for. Default: nothing.") @Nullable
        Permissions permissions,

        @JsonPropertyDescription("Files handlers may leave behind. Default: none.") @Size(max = 50) @Nullable
        List<ArtifactDeclaration> artifacts,

        @JsonPropertyDescription("Its entry points.") @Required @Size(min = 1, max = 32)
        List<Handler> handlers) {}
