package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A key of a ConfigMap of the execution's namespace. */
@ApiObject
public record ConfigMapKey(
        @JsonPropertyDescription("The ConfigMap. Example: check-settings.")
        @Required
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        String name,

        @JsonPropertyDescription("One of its keys. Example: depth.") @Required @Size(max = 253) @Pattern(Grammar.KEY)
        String key) {}
