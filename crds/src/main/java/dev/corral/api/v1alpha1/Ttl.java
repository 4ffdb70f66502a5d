package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** How long things stay after the end. {@code execution} absent: the finished object is kept (a deleted applied object runs again). */
@ApiObject
public record Ttl(
        @JsonPropertyDescription("Logs, with a unit (ms, s, m, h, d). Default: as long as the object. Example: 1d.")
        @Size(max = 16)
        @Pattern(Grammar.TTL)
        @Nullable
        String logs,

        @JsonPropertyDescription("Artifacts that declare no ttl. Default: 7d. Example: 30d.")
        @Size(max = 16)
        @Pattern(Grammar.TTL)
        @Nullable
        String artifacts,

        @JsonPropertyDescription("The finished object itself. Default: kept. Example: 1h.")
        @Size(max = 16)
        @Pattern(Grammar.TTL)
        @Nullable
        String execution) {}
