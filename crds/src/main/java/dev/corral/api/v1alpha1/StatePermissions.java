package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Key spaces of plugin state. */
@ApiObject
public record StatePermissions(
        @JsonPropertyDescription("Keys it may read, exact or with a last segment *. Default: none. Example: cache/*.")
        @Size(max = 32)
        @Nullable
        List<@Size(max = 256) @Pattern(Grammar.STATE_KEY) String> read,

        @JsonPropertyDescription("Keys it may write, same form. Default: none. Example: cache/*.")
        @Size(max = 32)
        @Nullable
        List<@Size(max = 256) @Pattern(Grammar.STATE_KEY) String> write) {}
