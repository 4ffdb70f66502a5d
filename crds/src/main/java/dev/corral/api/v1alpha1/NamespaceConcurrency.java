package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** How many executions a namespace's policy lets start or run at once, and how many may wait. */
@ApiObject
public record NamespaceConcurrency(
        @JsonPropertyDescription("Executions at once; 0 holds all back. Example: 3.") @Required @Min(0) @Max(100000)
        Integer running,

        @JsonPropertyDescription("Executions that may wait; a further one is refused. Default: 1000. Example: 100.")
        @Min(0)
        @Max(10000)
        @Nullable
        Integer queued) {}
