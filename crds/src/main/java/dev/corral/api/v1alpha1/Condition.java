package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A condition with all six fields, always (KEP-1623). */
@ApiObject
public record Condition(
        @JsonPropertyDescription("What it is about. Example: Succeeded.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.REASON)
        String type,

        @JsonPropertyDescription("True, False or Unknown.") @Required @Size(max = 7) @Pattern(Grammar.CONDITION_STATUS)
        String status,

        @JsonPropertyDescription("Why, one CamelCase word. Example: HandlerReturned.")
        @Required
        @Size(max = 128)
        @Pattern(Grammar.REASON)
        String reason,

        @JsonPropertyDescription("Why, for people.") @Required @Size(max = 2048)
        String message,

        @JsonPropertyDescription("The metadata.generation this is about.") @Min(0) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("When status last changed.") @Required @Size(max = 64)
        String lastTransitionTime) {}
