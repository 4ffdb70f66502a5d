package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Which bytes a staged file has, never the bytes. */
@ApiObject
public record FileDigest(
        @JsonPropertyDescription("Name of the file.") @Required @Size(max = 63)
        String name,

        @JsonPropertyDescription("SHA-256 of its bytes, hex.") @Size(max = 64) @Nullable
        String sha256,

        @JsonPropertyDescription("Size in bytes.") @Min(0) @Nullable
        Long size) {}
