package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A label selector over namespaces, as Kubernetes has it everywhere; empty selects every namespace. */
@ApiObject
public record NamespaceSelector(
        @JsonPropertyDescription("Labels that must all be there with these values.") @Size(max = 16) @Nullable
        Map<String, @Size(max = 63) String> matchLabels,

        @JsonPropertyDescription("Expressions that must all be true.") @Size(max = 16) @Nullable
        List<NamespaceExpression> matchExpressions) {

    /** Every namespace. */
    public static final NamespaceSelector ALL = new NamespaceSelector(null, null);

    /** Whether it selects a namespace with these labels. */
    public boolean matches(Map<String, String> labels) {
        return (matchLabels == null || labels.entrySet().containsAll(matchLabels.entrySet()))
                && (matchExpressions == null
                        || matchExpressions.stream().allMatch(expression -> expression.matches(labels)));
    }
}
