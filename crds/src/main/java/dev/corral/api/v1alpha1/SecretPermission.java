package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keys of a Secret of the execution's namespace, delivered as files {@code /secrets/<name>/<key>}. No keys in a grant: every key. */
@ApiObject
public record SecretPermission(
        @JsonPropertyDescription("Name of the Secret. Example: docs-token.")
        @Required
        @Size(max = 253)
        @Pattern(Grammar.NAME)
        String name,

        @JsonPropertyDescription(
                "Keys of it, delivered as files /secrets/name/key. Default: every key in a plugin or policy; an execution names them. Example: token.")
        @Size(max = 16)
        @Nullable
        List<@Size(max = 253) @Pattern(Grammar.KEY) String> keys) {}
