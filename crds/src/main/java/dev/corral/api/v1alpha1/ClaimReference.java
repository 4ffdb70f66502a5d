package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A directory of a PersistentVolumeClaim of the same namespace, with all that is below it. */
@ApiObject
public record ClaimReference(
        @JsonPropertyDescription("Name of the PersistentVolumeClaim. Example: datasets.")
        @Required
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        String name,

        @JsonPropertyDescription("Directory on it. Default: all of it. Example: public/2026.")
        @Size(max = 512)
        @Pattern(Grammar.SUBTREE)
        @Nullable
        String path) {}
