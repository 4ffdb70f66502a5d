package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A taint the pods tolerate. */
@ApiObject
public record Toleration(
        @JsonPropertyDescription("Key of the taint. Example: plugins.")
        @Required
        @Size(max = 317)
        @Pattern(Grammar.LABEL_KEY)
        @ValidationRule(value = Rule.LABEL_KEY, message = Rule.LABEL_KEY_MESSAGE)
        String key,

        @JsonPropertyDescription("Its value. Default: any. Example: untrusted.")
        @Size(max = 63)
        @Pattern(Grammar.LABEL_VALUE)
        @Nullable
        String value,

        @JsonPropertyDescription("NoSchedule, PreferNoSchedule or NoExecute. Default: every effect.")
        @Size(max = 16)
        @Pattern(Grammar.TAINT_EFFECT)
        @Nullable
        String effect) {}
