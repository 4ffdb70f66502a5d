package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Exactly one place the input comes from, other than inline. */
@ApiObject
@ValidationRule(
        value = "has(self.configMapKey) != has(self.artifact)",
        message = "inputFrom names exactly one source: set configMapKey or artifact, not both")
public record InputSource(
        @JsonPropertyDescription("A ConfigMap key that holds a JSON object.") @Nullable
        ConfigMapKey configMapKey,

        @JsonPropertyDescription("An artifact of another execution of this namespace that holds a JSON object.")
        @Nullable
        ArtifactReference artifact) {}
