package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One entry point of a plugin. {@code permissions}, where present, replaces the plugin's section by section and may only narrow it. */
@ApiObject
public record Handler(
        @JsonPropertyDescription("Name of the handler, unique in the plugin. Example: check.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.LABEL)
        String name,

        @JsonPropertyDescription(
                "Program and arguments, no shell, nothing expanded; at most 8192 characters in all. Example: [/app/check, --json].")
        @Required
        @Size(min = 1, max = 64)
        @ValidationRule(value = Rule.COMMAND_FITS, message = Rule.COMMAND_FITS_MESSAGE)
        List<@Size(max = 4096) String> command,

        @JsonPropertyDescription(
                "Replaces the plugin's permissions section by section and may only narrow them. Default: the plugin's.")
        @Nullable
        Permissions permissions,

        @JsonPropertyDescription("JSON Schema of the input. Default: any object.") @PreserveUnknownFields @Nullable
        JsonNode input,

        @JsonPropertyDescription("JSON Schema of the result. Default: anything.") @PreserveUnknownFields @Nullable
        JsonNode output,

        @JsonPropertyDescription("true: running twice does no harm, so a lost attempt may be retried. Default: false.")
        @Nullable
        Boolean idempotent) {}
