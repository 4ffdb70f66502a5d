package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A file a handler may leave in {@code $CORRAL_OUTPUT}; {@code path} may hold {runId}, {attempt} and {plugin}. */
@ApiObject
public record ArtifactDeclaration(
        @JsonPropertyDescription("Name of the artifact, unique in the plugin. Example: report.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.ARTIFACT)
        String name,

        @JsonPropertyDescription(
                "File below $CORRAL_OUTPUT; may hold {runId}, {attempt} and {plugin}. Example: report-{runId}.json.")
        @Required
        @Size(min = 1, max = 256)
        @Pattern(Grammar.ARTIFACT_PATH)
        @ValidationRule(value = Rule.RELATIVE_PATH, message = Rule.RELATIVE_PATH_MESSAGE)
        String path,

        @JsonPropertyDescription("Media type. Default: application/octet-stream. Example: application/json.")
        @Size(max = 127)
        @Pattern(Grammar.MEDIA_TYPE)
        @Nullable
        String type,

        @JsonPropertyDescription(
                "How long it is kept after the run, with units (d, h, m, s, ms). Default: the execution's ttl.artifacts. Example: 7d.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.TTL)
        @ValidationRule(value = Rule.SOME_TIME, message = Rule.SOME_TIME_MESSAGE)
        @Nullable
        String ttl) {}
