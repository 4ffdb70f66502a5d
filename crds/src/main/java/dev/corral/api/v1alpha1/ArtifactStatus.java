package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** One artifact; {@code uri} is {@code corral://namespace/execution/name}, {@code size} in bytes. */
@ApiObject
public record ArtifactStatus(
        @JsonPropertyDescription("Name as declared by the plugin.") @Required @Size(max = 63)
        String name,

        @JsonPropertyDescription("Where it is: corral://namespace/execution/name.") @Size(max = 640) @Nullable
        String uri,

        @JsonPropertyDescription("Digest of the bytes, hex.") @Size(max = 64) @Nullable
        String sha256,

        @JsonPropertyDescription("Size in bytes.") @Min(0) @Nullable
        Long size,

        @JsonPropertyDescription("Media type.") @Size(max = 127) @Nullable
        String type,

        @JsonPropertyDescription(
                "Ready, and gone when expires is over; Skipped (the handler left no such file), Failed or Quarantined (kept, not handed out).")
        @Size(max = 32)
        @Nullable
        String state,

        @JsonPropertyDescription("Why it is not Ready.") @Size(max = 512) @Nullable
        String problem,

        @JsonPropertyDescription("When it is removed.") @Size(max = 64) @Nullable
        String expires) {

    /** The same artifact, of a run that was stopped: its bytes are kept, and there is no place to read them from. */
    public ArtifactStatus quarantined() {
        return new ArtifactStatus(
                name, null, sha256, size, type, "Quarantined", "kept and not handed out: the run was stopped", expires);
    }
}
