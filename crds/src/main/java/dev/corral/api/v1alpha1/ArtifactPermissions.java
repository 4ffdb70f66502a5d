package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Artifacts of other executions of the namespace a handler may be given: {@code plugin/artifact}, either of which may be {@code *}. */
@ApiObject
public record ArtifactPermissions(
        @JsonPropertyDescription(
                "Artifacts it may be given, as plugin/artifact; * stands for any. A grant by name is about ClusterPlugins only. Default: none. Example: link-checker/report.")
        @Size(max = 64)
        @ValidationRule(value = Rule.NAMES_WITHIN_253, message = Rule.NAMES_WITHIN_253_MESSAGE)
        @Nullable
        List<@Size(max = 320) @Pattern(Grammar.ARTIFACT_GRANT) String> read) {}
