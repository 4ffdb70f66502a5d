package dev.corral.crds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Writes a manifest the way a person would: the telling keys first, what is short on one line. */
final class ManifestYaml {
    private static final int WIDTH = 210;

    /** Keys that come first, in this order; the others keep theirs. */
    private static final List<String> FIRST = List.of(
            "apiVersion",
            "kind",
            "metadata",
            "spec",
            "group",
            "scope",
            "names",
            "name",
            "served",
            "storage",
            "description",
            "type",
            "format");

    /** Keys that come last, in this order. */
    private static final List<String> LAST = List.of(
            "required", "properties", "items", "x-kubernetes-validations", "additionalPrinterColumns", "schema");

    private ManifestYaml() {}

    static String write(String header, JsonNode document) {
        var text = new StringBuilder(header);
        block(text, document, "", false);
        return text.toString();
    }

    private static void block(StringBuilder text, JsonNode node, String indent, boolean inList) {
        if (node.isObject()) {
            var lead = inList ? "" : indent;
            for (var key : ordered((ObjectNode) node)) {
                text.append(lead).append(scalar(key)).append(':');
                value(text, node.get(key), indent, lead.length() + key.length() + 2);
                lead = indent;
            }
        } else {
            for (var item : node) {
                text.append(indent).append("- ");
                var line = line(item);
                if (line != null && indent.length() + 2 + line.length() <= WIDTH) {
                    text.append(line).append('\n');
                } else {
                    block(text, item, indent + "  ", true);
                }
            }
        }
    }

    private static void value(StringBuilder text, JsonNode value, String indent, int column) {
        var line = line(value);
        if (line != null && (value.isValueNode() || column + line.length() <= WIDTH)) {
            text.append(' ').append(line).append('\n');
        } else {
            text.append('\n');
            block(text, value, indent + "  ", false);
        }
    }

    /** On one line, where that reads well: scalars, lists of scalars, schemas without inner structure. */
    private static String line(JsonNode node) {
        if (node.isValueNode()) {
            return scalar(node);
        }
        if (node.isEmpty()) {
            return node.isArray() ? "[]" : "{}";
        }
        if (!StreamSupport.stream(node.spliterator(), false)
                .allMatch(child -> child.isValueNode() || node.isObject() && child.isArray() && line(child) != null)) {
            return null;
        }
        if (node.isArray()) {
            return StreamSupport.stream(node.spliterator(), false)
                    .map(ManifestYaml::flowScalar)
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        return ordered((ObjectNode) node).stream()
                .map(key -> scalar(key) + ": "
                        + (node.get(key).isValueNode() ? flowScalar(node.get(key)) : line(node.get(key))))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static List<String> ordered(ObjectNode node) {
        var keys = new ArrayList<String>();
        node.fieldNames().forEachRemaining(keys::add);
        keys.sort(Comparator.comparingInt(ManifestYaml::rank));
        return keys;
    }

    private static int rank(String key) {
        return FIRST.contains(key) ? FIRST.indexOf(key) : 1000 + LAST.indexOf(key);
    }

    private static String scalar(JsonNode value) {
        if (value.isFloatingPointNumber() && value.asDouble() == value.asLong()) {
            return Long.toString(value.asLong());
        }
        return value.isTextual() ? scalar(value.asText()) : value.asText();
    }

    private static String flowScalar(JsonNode value) {
        return value.isTextual() && value.asText().matches(".*[,\\[\\]{}].*") ? quoted(value.asText()) : scalar(value);
    }

    private static String scalar(String value) {
        var plain = value.matches("[A-Za-z.$][^\\n]*")
                && !value.contains(": ")
                && !value.contains(" #")
                && !value.endsWith(":")
                && !value.endsWith(" ")
                && !value.matches("(?i)true|false|yes|no|on|off|null|y|n|\\.inf|\\.nan");
        return plain ? value : quoted(value);
    }

    private static String quoted(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}
