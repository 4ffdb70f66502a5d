package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Topics, exact or with a trailing {@code *} before the version: {@code check.*@v1}. */
@ApiObject
public record EventPermissions(
        @JsonPropertyDescription(
                "Topics the handler may emit, exact or with a last segment *. Default: none. Example: check.*@v1.")
        @Size(max = 64)
        @Nullable
        List<@Size(max = 128) @Pattern(Grammar.TOPIC) String> produce,

        @JsonPropertyDescription("Topics it may be started by. Default: none. Example: build.finished@v1.")
        @Size(max = 64)
        @Nullable
        List<@Size(max = 128) @Pattern(Grammar.TOPIC) String> consume) {}
