package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** One variable: exactly one of {@code value} and {@code configMapKey}. The value arrives literally, {@code $(…)} is not expanded. */
@ApiObject
@ValidationRule(
        value = "has(self.value) != has(self.configMapKey)",
        message = "a variable has exactly one of value and configMapKey: remove one, or add one")
@ValidationRule(value = Rule.ENV_NOT_RESERVED, message = Rule.ENV_NOT_RESERVED_MESSAGE)
public record EnvVariable(
        @JsonPropertyDescription("Name of the variable. Example: CHECK_DEPTH.")
        @Required
        @Size(max = 128)
        @Pattern(Grammar.ENV_NAME)
        String name,

        @JsonPropertyDescription("Its value, delivered literally: $(…) is not expanded. Example: \"2\".")
        @Size(max = 4096)
        @Nullable
        String value,

        @JsonPropertyDescription("The key of a ConfigMap of this namespace that holds the value.") @Nullable
        ConfigMapKey configMapKey) {}
