package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How many executions a cluster policy lets start or run at once, and how many may wait. The smallest bound of all policies holds. */
@ApiObject
@ValidationRule(value = Rule.BOUNDED_QUEUE, message = Rule.BOUNDED_QUEUE_MESSAGE)
public record Concurrency(
        @JsonPropertyDescription(
                "Executions at once, over all namespaces it applies to; 0 holds all back. Default: no bound. Example: 50.")
        @Min(0)
        @Max(100000)
        @Nullable
        Integer running,

        @JsonPropertyDescription(
                "Executions at once in each namespace; 0 holds all back. Default: no bound. Example: 5.")
        @Min(0)
        @Max(100000)
        @Nullable
        Integer runningPerNamespace,

        @JsonPropertyDescription("Executions of one namespace that may wait; a further one is refused. Default: 1000.")
        @Min(0)
        @Max(10000)
        @Nullable
        Integer queuedPerNamespace) {}
