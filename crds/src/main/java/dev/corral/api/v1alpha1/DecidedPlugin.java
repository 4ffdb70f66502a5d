package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** The plugin as it was when the last attempt was decided on; each attempt is decided anew. {@code imageID} is what the node ran. */
@ApiObject
public record DecidedPlugin(
        @JsonPropertyDescription("Plugin or ClusterPlugin.") @Size(max = 63) @Nullable
        String kind,

        @JsonPropertyDescription("Its name.") @Size(max = 253) @Nullable
        String name,

        @JsonPropertyDescription("Its UID.") @Size(max = 64) @Nullable
        String uid,

        @JsonPropertyDescription("Its generation.") @Min(0) @Nullable
        Long generation,

        @JsonPropertyDescription("Its spec.version.") @Size(max = 64) @Nullable
        String version,

        @JsonPropertyDescription("Its spec.image.") @Size(max = 512) @Nullable
        String image,

        @JsonPropertyDescription("What the node ran.") @Size(max = 512) @Nullable
        String imageID) {}
