package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Further attempts, only for causes where plugin code cannot have started (or the handler says it is idempotent). */
@ApiObject
public record Retry(
        @JsonPropertyDescription("Attempts in all. Default: 1. Example: 3.") @Min(1) @Max(10) @Nullable
        Integer maxAttempts,

        @JsonPropertyDescription(
                "Wait before the second attempt, doubled for each further one, at most 5m. Default: 1s. Example: 5s.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.DURATION)
        @ValidationRule(value = Rule.BACKOFF, message = Rule.BACKOFF_MESSAGE)
        @Nullable
        String backoff) {}
