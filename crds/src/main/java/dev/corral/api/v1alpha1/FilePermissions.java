package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Path globs of the container's file system. */
@ApiObject
public record FilePermissions(
        @JsonPropertyDescription("Paths of the image it may read, as absolute globs. Default: all. Example: /app/**.")
        @Size(max = 128)
        @ValidationRule(value = Rule.PLAIN_SEGMENTS, message = Rule.PLAIN_SEGMENTS_MESSAGE)
        @Nullable
        List<@Size(max = 512) @Pattern(Grammar.PATH) String> read,

        @JsonPropertyDescription(
                "Paths it may write and leave as artifacts, as absolute globs. Default: /work and /dev/shm. Example: /work/out/**.")
        @Size(max = 128)
        @ValidationRule(value = Rule.PLAIN_SEGMENTS, message = Rule.PLAIN_SEGMENTS_MESSAGE)
        @Nullable
        List<@Size(max = 512) @Pattern(Grammar.PATH) String> write,

        @JsonPropertyDescription(
                "Paths it may not touch though another glob has them. Default: none. Example: /app/keys/**.")
        @Size(max = 128)
        @ValidationRule(value = Rule.PLAIN_SEGMENTS, message = Rule.PLAIN_SEGMENTS_MESSAGE)
        @Nullable
        List<@Size(max = 512) @Pattern(Grammar.PATH) String> deny,

        @JsonPropertyDescription(
                "Subtrees of PersistentVolumeClaims of the namespace it may be given, as claim/glob. Default: none. Example: datasets/public/**.")
        @Size(max = 64)
        @ValidationRule(value = Rule.NAMES_WITHIN_253, message = Rule.NAMES_WITHIN_253_MESSAGE)
        @ValidationRule(value = Rule.PLAIN_SEGMENTS, message = Rule.PLAIN_SEGMENTS_MESSAGE)
        @Nullable
        List<@Size(max = 512) @Pattern(Grammar.CLAIM_GRANT) String> claims) {}
