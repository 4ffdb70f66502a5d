package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One requirement of a label selector. */
@ApiObject
public record NamespaceExpression(
        @JsonPropertyDescription("The label.") @Required @Size(max = 317)
        String key,

        @JsonPropertyDescription("In, NotIn, Exists or DoesNotExist.") @Required
        Operator operator,

        @JsonPropertyDescription("For In and NotIn.") @Size(max = 64) @Nullable
        List<@Size(max = 63) String> values) {

    /** As in Kubernetes' own selectors. */
    public enum Operator {
        In,
        NotIn,
        Exists,
        DoesNotExist;

        /** What is not known selects least. */
        @JsonCreator
        static Operator of(@Nullable String value) {
            for (var known : values()) {
                if (known.name().equals(value)) {
                    return known;
                }
            }
            return In;
        }
    }

    public NamespaceExpression {
        key = Objects.requireNonNullElse(key, "");
        operator = Objects.requireNonNullElse(operator, Operator.In);
    }

    boolean matches(Map<String, String> labels) {
        boolean listed = values != null && labels.containsKey(key) && values.contains(labels.get(key));
        return switch (operator) {
            case In -> listed;
            case NotIn -> !listed;
            case Exists -> labels.containsKey(key);
            case DoesNotExist -> !labels.containsKey(key);
        };
    }
}
