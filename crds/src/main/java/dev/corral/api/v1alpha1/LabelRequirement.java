package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Labels that must all be present with these values; empty selects everything. */
@ApiObject
public record LabelRequirement(
        @JsonPropertyDescription(
                "Labels that must all be there with these values. Default: none, everything matches. Example: {corral.dev/tier: docs}.")
        @Size(max = 16)
        @ValidationRule(value = Rule.LABEL_KEYS, message = Rule.LABEL_KEYS_MESSAGE)
        @Nullable
        Map<String, @Size(max = 63) @Pattern(Grammar.LABEL_VALUE) String> matchLabels) {}
