package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to run. Immutable after creation but for {@code suspend}, {@code cancel} and {@code ttl}. */
@ApiObject
@ValidationRule(value = Rule.ONE_INPUT, message = Rule.ONE_INPUT_MESSAGE)
@ValidationRule(value = Rule.PLUGIN_IMMUTABLE, message = Rule.PLUGIN_IMMUTABLE_MESSAGE)
@ValidationRule(value = Rule.INPUT_IMMUTABLE, message = Rule.INPUT_IMMUTABLE_MESSAGE)
@ValidationRule(value = Rule.PERMISSIONS_IMMUTABLE, message = Rule.PERMISSIONS_IMMUTABLE_MESSAGE)
@ValidationRule(value = Rule.COURSE_IMMUTABLE, message = Rule.COURSE_IMMUTABLE_MESSAGE)
@ValidationRule(value = Rule.CANCEL_IS_FINAL, message = Rule.CANCEL_IS_FINAL_MESSAGE)
public record PluginExecutionSpec(
        @JsonPropertyDescription("The plugin.") @Required PluginReference plugin,

        @JsonPropertyDescription("One of its handlers. Example: check.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.LABEL)
        String handler,

        @JsonPropertyDescription(
                "Input of the handler, a JSON object. Default: {}. Example: {url: https://docs.example.org/}.")
        @PreserveUnknownFields
        @Nullable
        JsonNode input,

        @JsonPropertyDescription("Where the input comes from, instead of input.") @Nullable
        InputSource inputFrom,

        @JsonPropertyDescription("Variables of the handler. Default: none but the base environment.")
        @Size(max = 64)
        @Nullable
        List<EnvVariable> env,

        @JsonPropertyDescription("Files the handler finds below $CORRAL_FILES, read-only. Default: none.")
        @Size(max = 16)
        @Nullable
        List<StagedFile> files,

        @JsonPropertyDescription("Secrets of this namespace the handler gets as files. Default: none.")
        @Size(max = 8)
        @Nullable
        List<SecretPermission> secrets,

        @JsonPropertyDescription(
                "Narrows what the handler asks for; it never adds. Default: what the handler asks for.")
        @Nullable
        Permissions permissions,

        @JsonPropertyDescription(
                "Wall time of one attempt, with units (h, m, s, ms), at most 24h. Default: limits.timeout. Example: 90s.")
        @Size(min = 2, max = 16)
        @Pattern(Grammar.DURATION)
        @ValidationRule(value = Rule.TIMEOUT, message = Rule.TIMEOUT_MESSAGE)
        @Nullable
        String timeout,

        @JsonPropertyDescription("Further attempts. Default: none.") @Nullable
        Retry retry,

        @JsonPropertyDescription("How long things stay after the end.") @Nullable
        Ttl ttl,

        @JsonPropertyDescription("true: do not start; a run that has started is not touched. Default: false.") @Nullable
        Boolean suspend,

        @JsonPropertyDescription("true: end it; cannot be taken back. Default: false.") @Nullable
        Boolean cancel,

        @JsonPropertyDescription(
                "Run runs it; Plan writes what would run into status and starts nothing; Learn runs it watched and proposes the permissions it used, where a policy allows it. Default: Run.")
        @Nullable
        ExecutionMode mode,

        @JsonPropertyDescription("Its place in a queue; more goes first, and policies bound it. Default: 0.")
        @Min(-100)
        @Max(100)
        @Nullable
        Integer priority) {}
