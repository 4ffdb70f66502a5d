package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** What became of the handler's events. */
@ApiObject
public record EventTotals(
        @JsonPropertyDescription("Events the handler emitted.") @Min(0) @Nullable
        Integer emitted,

        @JsonPropertyDescription("Events that became Kubernetes Events.") @Min(0) @Nullable
        Integer published,

        @JsonPropertyDescription("Events over the budget.") @Min(0) @Nullable
        Integer dropped,

        @JsonPropertyDescription("Events of topics that were not granted.") @Min(0) @Nullable
        Integer denied) {}
