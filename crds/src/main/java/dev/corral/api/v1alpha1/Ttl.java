package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How long things stay after the end. {@code execution} absent: the finished object is kept (a deleted applied object runs again). */
@ApiObject
public record Ttl(
        @JsonPropertyDescription("Logs, with units (d, h, m, s, ms). Default: 10m. Example: 1d.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.TTL)
        @ValidationRule(value = Rule.SOME_TIME, message = Rule.SOME_TIME_MESSAGE)
        @Nullable
        String logs,

        @JsonPropertyDescription("Artifacts that declare no ttl; fixed when each is stored. Default: 7d. Example: 30d.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.TTL)
        @ValidationRule(value = Rule.SOME_TIME, message = Rule.SOME_TIME_MESSAGE)
        @Nullable
        String artifacts,

        @JsonPropertyDescription("The finished object itself. Default: kept. Example: 1h.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.TTL)
        @ValidationRule(value = Rule.SOME_TIME, message = Rule.SOME_TIME_MESSAGE)
        @Nullable
        String execution) {}
