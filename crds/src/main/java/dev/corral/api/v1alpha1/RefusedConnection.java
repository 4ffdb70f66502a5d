package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Connections of a run that the gateway refused, all of them for the same host and reason. */
@ApiObject
public record RefusedConnection(
        @JsonPropertyDescription("Host and port. Example: api.example.org:443.") @Required @Size(max = 320)
        String host,

        @JsonPropertyDescription("Why, one CamelCase word. Example: HostNotGranted.") @Required @Size(max = 63)
        String reason,

        @JsonPropertyDescription("Why, for people.") @Size(max = 512) @Nullable
        String message,

        @JsonPropertyDescription("The permissions that would allow it, in YAML; absent where none would.")
        @Size(max = 512)
        @Nullable
        String allow,

        @JsonPropertyDescription("How often, counted when the run reports.") @Min(1) @Nullable
        Integer times) {}
