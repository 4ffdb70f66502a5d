package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Exactly one of a plugin of this namespace ({@code name}) and one of the catalogue ({@code clusterName}). */
@ApiObject
@ValidationRule(
        value = "has(self.name) != has(self.clusterName)",
        message =
                "plugin names exactly one plugin: set name (of this namespace) or clusterName (of the catalogue), not both")
public record PluginReference(
        @JsonPropertyDescription("A Plugin of this namespace. Example: link-checker.")
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        @Nullable
        String name,

        @JsonPropertyDescription("A ClusterPlugin. Example: link-checker.")
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        @Nullable
        String clusterName) {}
