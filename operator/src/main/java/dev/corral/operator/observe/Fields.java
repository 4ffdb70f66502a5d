package dev.corral.operator.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;

/** Fields of an object that somebody else wrote. What is not there, or null, is empty; what is of another type than it must be cannot be read. */
final class Fields {
    private Fields() {}

    static JsonNode map(JsonNode object, String field) {
        return map(object.path(field));
    }

    static JsonNode map(JsonNode value) {
        return typed(value, JsonNodeType.OBJECT);
    }

    static JsonNode list(JsonNode object, String field) {
        return typed(object.path(field), JsonNodeType.ARRAY);
    }

    static String text(JsonNode object, String field) {
        return text(object.path(field));
    }

    static String text(JsonNode value) {
        return value.isNull() ? "" : typed(value, JsonNodeType.STRING).asText();
    }

    private static JsonNode typed(JsonNode value, JsonNodeType type) {
        if (value.getNodeType() != type && !value.isMissingNode() && !value.isNull()) {
            throw new IllegalArgumentException(value.getNodeType() + " where there must be " + type);
        }
        return value;
    }
}
