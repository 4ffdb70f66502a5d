package dev.corral.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who adds a CEL rule adds an object that it refuses. */
class RulesHaveCasesTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    @Test
    void everyRuleRefusesSomething() throws IOException {
        var messages = new TreeSet<String>();
        for (var manifest : Manifests.generate().values()) {
            collectMessages(YAML.readTree(manifest), messages);
        }
        var expected = RuleCase.in("rejects").stream().map(RuleCase::comment).toList();
        assertThat(messages)
                .hasSizeGreaterThan(10)
                .allSatisfy(message -> assertThat(expected)
                        .as(message)
                        .anyMatch(fragment -> !fragment.isBlank() && message.contains(fragment)));
    }

    @Test
    void everyRejectSaysWhatItExpects() {
        assertThat(RuleCase.in("rejects")).noneMatch(reject -> reject.comment().isBlank());
    }

    private static void collectMessages(JsonNode node, TreeSet<String> messages) {
        node.path("x-kubernetes-validations")
                .forEach(rule -> messages.add(rule.get("message").asText()));
        List<JsonNode> children = new ArrayList<>();
        node.forEach(children::add);
        children.forEach(child -> collectMessages(child, messages));
    }
}
