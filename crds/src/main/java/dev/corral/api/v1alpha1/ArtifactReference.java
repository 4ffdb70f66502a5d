package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** An artifact of another execution of the same namespace. */
@ApiObject
public record ArtifactReference(
        @JsonPropertyDescription("Name of a PluginExecution of this namespace. Example: check-x7k2p.")
        @Required
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        String execution,

        @JsonPropertyDescription("Name of one of its artifacts. Example: report.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.ARTIFACT)
        String artifact) {}
