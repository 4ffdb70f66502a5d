package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Artifacts of other executions a handler may read: {@code plugin/artifact}. */
@ApiObject
public record ArtifactPermissions(
        @JsonPropertyDescription(
                "Artifacts it may take as input, as plugin/artifact or plugin/*. Default: none. Example: link-checker/report.")
        @Size(max = 64)
        @Nullable
        List<@Size(max = 320) @Pattern(Grammar.ARTIFACT_GRANT) String> read) {}
