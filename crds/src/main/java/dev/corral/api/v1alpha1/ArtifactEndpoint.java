package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** Where artifacts are read, and by whose word. Nothing in it is secret. */
@ApiObject
public record ArtifactEndpoint(
        @JsonPropertyDescription(
                "Of the gateway. An artifact is below it at /v1/namespaces/NAMESPACE/executions/NAME/artifacts/ARTIFACT.")
        @Required
        @Size(max = 256)
        String url,

        @JsonPropertyDescription(
                "Authorities that may sign its certificate, as PEM. It changes every other year, so read it again.")
        @Required
        @Size(max = 32768)
        String trustBundle) {}
