package dev.corral.operator.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.corral.operator.render.ObjectNames;
import org.jspecify.annotations.Nullable;

/** One text for equal JSON: keys sorted, no spaces. Its hash tells whether an input is still the one that was decided on. */
public final class CanonicalJson {
    private static final ObjectMapper SORTED = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private CanonicalJson() {}

    /** Empty for no document. */
    public static String text(@Nullable JsonNode node) {
        if (node == null || node.isMissingNode()) {
            return "";
        }
        try {
            return SORTED.writeValueAsString(SORTED.treeToValue(node, Object.class));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a parsed document can be written", impossible);
        }
    }

    /** Whether it nests deeper than {@code most}; stops there, so that no input can exhaust the stack. */
    public static boolean deeperThan(@Nullable JsonNode node, int most) {
        if (node == null || !node.isContainerNode()) {
            return false;
        }
        if (most == 0) {
            return true;
        }
        for (JsonNode child : node) {
            if (deeperThan(child, most - 1)) {
                return true;
            }
        }
        return false;
    }

    /** Hex SHA-256 of the canonical text; empty for no input. */
    public static String hash(@Nullable JsonNode node) {
        String text = text(node);
        return text.isEmpty() ? "" : ObjectNames.hash(text);
    }
}
