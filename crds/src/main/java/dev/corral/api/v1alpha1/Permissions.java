package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The permission vocabulary: the same words where a plugin asks, an execution narrows and a policy grants or denies. */
@ApiObject
public record Permissions(
        @JsonPropertyDescription("Files of the container.") @Nullable
        FilePermissions files,

        @JsonPropertyDescription("Where it may connect to.") @Nullable
        NetworkPermissions network,

        @JsonPropertyDescription(
                "Variables it may be given, exact or with a trailing *. Default: none. Example: CHECK_*.")
        @Size(max = 64)
        @ValidationRule(value = Rule.ENV_PATTERNS_NOT_RESERVED, message = Rule.ENV_PATTERNS_NOT_RESERVED_MESSAGE)
        @Nullable
        List<@Size(max = 128) @Pattern(Grammar.ENV_PATTERN) String> env,

        @JsonPropertyDescription("Secrets it may be given.") @Size(max = 64) @Nullable
        List<SecretPermission> secrets,

        @JsonPropertyDescription(
                "Programs it may execute, as absolute globs, or *. Default: whatever the image holds. Example: /usr/bin/git.")
        @Size(max = 64)
        @ValidationRule(value = Rule.PLAIN_SEGMENTS, message = Rule.PLAIN_SEGMENTS_MESSAGE)
        @Nullable
        List<@Size(max = 512) @Pattern(Grammar.COMMAND) String> commands,

        @JsonPropertyDescription(
                "Handlers of other plugins it may run, as plugin/handler or plugin/*. Default: none. Example: link-checker/check.")
        @Size(max = 64)
        @Nullable
        List<@Size(max = 320) @Pattern(Grammar.INVOKE) String> invoke,

        @JsonPropertyDescription("Artifacts of other executions.") @Nullable
        ArtifactPermissions artifacts,

        @JsonPropertyDescription("Events.") @Nullable EventPermissions events,

        @JsonPropertyDescription("Plugin state.") @Nullable StatePermissions state,

        @JsonPropertyDescription("Plugin capabilities (not those of Linux). Default: none. Example: browser.")
        @Size(max = 16)
        @Nullable
        List<@Size(max = 32) @Pattern(Grammar.CAPABILITY) String> capabilities,

        @JsonPropertyDescription("Upper bounds; the minimum of all layers holds.") @Nullable
        Limits limits) {}
