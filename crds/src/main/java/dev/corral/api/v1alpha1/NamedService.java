package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/** What an administrator means by a service name: pods of a namespace, and their ports ({@code 5432}, {@code 53/udp}). */
@ApiObject
public record NamedService(
        @JsonPropertyDescription("The name plugins ask for. Example: orders-db.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.LABEL)
        String name,

        @JsonPropertyDescription("Namespace of the pods behind it. Example: orders.")
        @Required
        @Size(max = 63)
        @Pattern(Grammar.LABEL)
        String namespace,

        @JsonPropertyDescription("Labels of these pods. Example: {app: postgres}.")
        @Required
        @Size(max = 8)
        @ValidationRule(
                value = "size(self) > 0",
                message = "podLabels must name at least one label: an empty selector would open the whole namespace")
        @ValidationRule(value = Rule.LABEL_KEYS, message = Rule.LABEL_KEYS_MESSAGE)
        Map<String, @Size(max = 63) @Pattern(Grammar.LABEL_VALUE) String> podLabels,

        @JsonPropertyDescription("Ports, with /udp if not TCP. Example: [\"5432\", 53/udp].")
        @Required
        @Size(min = 1, max = 16)
        @ValidationRule(value = Rule.PORTS_IN_ORDER, message = Rule.PORTS_IN_ORDER_MESSAGE)
        List<@Size(max = 16) @Pattern(Grammar.SERVICE_PORT) String> ports) {}
