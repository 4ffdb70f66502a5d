package dev.corral.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** An object that a release accepted can still be stored: no field is gone, has another type or has become required. */
class CrdCompatibilityTest {
    private static final YAMLMapper YAML = new YAMLMapper();

    /** Smaller is tighter. */
    private static final List<String> UPPER_BOUNDS = List.of("maxLength", "maxItems", "maxProperties", "maximum");

    /** Larger is tighter. */
    private static final List<String> LOWER_BOUNDS = List.of("minLength", "minItems", "minProperties", "minimum");

    @TestFactory
    Stream<DynamicTest> releasesStayReadable() throws IOException {
        try (var releases = Files.walk(Manifests.directory().resolve("src/test/resources/released"))) {
            return releases.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream()
                    .map(released -> DynamicTest.dynamicTest(
                            released.getParent().getFileName() + "/" + released.getFileName(),
                            () -> compare(released)));
        }
    }

    @Test
    void everyWayToBreakAReleaseIsSeen() throws IOException {
        var before = YAML.readTree("""
                type: object
                required: [a]
                properties:
                  a: {type: string, maxLength: 10, enum: [x, y]}
                  b: {type: array, maxItems: 5, items: {type: object, properties: {c: {type: integer, maximum: 3}}}}
                """);
        assertThat(breaks(before, before)).isEmpty();
        var after = (ObjectNode) YAML.readTree("""
                type: object
                required: [a, b, d]
                properties:
                  a: {type: string, maxLength: 9, enum: [x]}
                  b: {type: array, minItems: 1, items: {type: object, properties: {c: {type: string}}}}
                  d: {type: string}
                """);
        assertThat(breaks(before, after))
                .containsExactly(
                        ".b has become required",
                        ".d has become required",
                        ".a no longer takes y",
                        ".a has a tighter maxLength: 9 instead of 10",
                        ".b has a tighter minItems: 1",
                        ".b[].c is string instead of integer");
        ((ObjectNode) after.get("properties")).remove("a");
        assertThat(breaks(before, after)).contains(".a is gone");
    }

    private static void compare(Path released) throws IOException {
        var now = Manifests.directory().resolve(released.getFileName());
        assertThat(now).as("a kind of a release").exists();
        var before = YAML.readTree(released.toFile());
        var after = YAML.readTree(now.toFile());
        for (var path : List.of(
                "/spec/group", "/spec/scope", "/spec/names/kind", "/spec/names/plural", "/spec/versions/0/name")) {
            assertThat(after.at(path)).as(path).isEqualTo(before.at(path));
        }
        var schema = "/spec/versions/0/schema/openAPIV3Schema";
        assertThat(breaks(before.at(schema), after.at(schema))).isEmpty();
    }

    private static List<String> breaks(JsonNode before, JsonNode after) {
        var breaks = new ArrayList<String>();
        compare("", before, after, breaks);
        return breaks;
    }

    private static void compare(String path, JsonNode before, JsonNode after, List<String> breaks) {
        if (after.isMissingNode()) {
            breaks.add(path + " is gone");
            return;
        }
        if (!before.path("type").equals(after.path("type"))) {
            breaks.add(path + " is " + after.path("type").asText("anything") + " instead of "
                    + before.path("type").asText("anything"));
            return;
        }
        if (before.path("x-kubernetes-preserve-unknown-fields").asBoolean()
                && !after.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            breaks.add(path + " is no longer free-form");
        }
        for (var required : after.path("required")) {
            if (!contains(before.path("required"), required)) {
                breaks.add(path + "." + required.asText() + " has become required");
            }
        }
        for (var value : before.path("enum")) {
            if (after.has("enum") && !contains(after.get("enum"), value)) {
                breaks.add(path + " no longer takes " + value.asText());
            }
        }
        compareBounds(path, before, after, breaks);
        for (var property : before.path("properties").properties()) {
            compare(
                    path + "." + property.getKey(),
                    property.getValue(),
                    after.path("properties").path(property.getKey()),
                    breaks);
        }
        if (before.has("items")) {
            compare(path + "[]", before.get("items"), after.path("items"), breaks);
        }
        if (before.has("additionalProperties")) {
            compare(path + "{}", before.get("additionalProperties"), after.path("additionalProperties"), breaks);
        }
    }

    private static void compareBounds(String path, JsonNode before, JsonNode after, List<String> breaks) {
        for (var bound : UPPER_BOUNDS) {
            if (after.has(bound)
                    && (!before.has(bound)
                            || after.get(bound).asDouble() < before.get(bound).asDouble())) {
                breaks.add(tighter(path, bound, before, after));
            }
        }
        for (var bound : LOWER_BOUNDS) {
            if (after.has(bound)
                    && (!before.has(bound)
                            || after.get(bound).asDouble() > before.get(bound).asDouble())) {
                breaks.add(tighter(path, bound, before, after));
            }
        }
    }

    private static String tighter(String path, String bound, JsonNode before, JsonNode after) {
        var was = before.has(bound) ? " instead of " + before.get(bound).asText() : "";
        return path + " has a tighter " + bound + ": " + after.get(bound).asText() + was;
    }

    private static boolean contains(JsonNode list, JsonNode value) {
        for (var item : list) {
            if (item.equals(value)) {
                return true;
            }
        }
        return false;
    }
}
