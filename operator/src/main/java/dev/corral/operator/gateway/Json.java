package dev.corral.operator.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.corral.operator.schema.CanonicalJson;
import dev.corral.operator.spec.Unread;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** JSON of strangers: parsed under limits, one document per body, no key twice. */
final class Json {
    /** The launcher lets handlers nest 64 deep; what wraps it adds a few. */
    private static final int MAX_DEPTH = 72;

    private static final ObjectMapper MAPPER = mapper(Long.MAX_VALUE);
    /** Of a report with the densest result of 16 KiB and all its lists full it reads twice as much. */
    private static final ObjectMapper SPARSE_MAPPER = mapper(Unread.MOST);

    private Json() {}

    private static ObjectMapper mapper(long mostTokens) {
        return JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(StreamReadConstraints.builder()
                                .maxNestingDepth(MAX_DEPTH)
                                .maxTokenCount(mostTokens)
                                .maxNumberLength(128)
                                .maxNameLength(4096)
                                .maxStringLength(512 * 1024)
                                .build())
                        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                        .build())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }

    /** The document, unless it is malformed or holds a number the API server could not store. */
    static Optional<JsonNode> parse(byte[] document) {
        return parse(MAPPER, document);
    }

    private static Optional<JsonNode> parse(ObjectMapper mapper, byte[] document) {
        try {
            var node = mapper.readTree(document);
            return node == null || node.isMissingNode() || !finite(node) ? Optional.empty() : Optional.of(node);
        } catch (IOException malformed) {
            return Optional.empty();
        }
    }

    /** Whether there are more values, names and brackets than a tree is made of; what is malformed before that has not so many. */
    static boolean tooMuch(byte[] document) {
        try (var parser = MAPPER.createParser(document)) {
            for (var tokens = 0; parser.nextToken() != null; tokens++) {
                if (tokens == Unread.MOST) {
                    return true;
                }
            }
            return false;
        } catch (IOException malformed) {
            return false;
        }
    }

    static Optional<ObjectNode> parseObject(byte[] document) {
        return object(parse(document));
    }

    /** Of few values for its size, as a launcher's own words are: its tree may be kept for a while. */
    static Optional<ObjectNode> parseSparse(byte[] document) {
        return object(parse(SPARSE_MAPPER, document));
    }

    private static Optional<ObjectNode> object(Optional<JsonNode> document) {
        return document.filter(ObjectNode.class::isInstance).map(ObjectNode.class::cast);
    }

    /** One of our own records; empty for what is none. */
    static <T> Optional<T> read(byte[] document, Class<T> type) {
        try {
            return Optional.ofNullable(MAPPER.readValue(document, type));
        } catch (IOException malformed) {
            return Optional.empty();
        }
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static <T> JsonNode tree(T value) {
        return MAPPER.valueToTree(value);
    }

    static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree in memory always has a text", impossible);
        }
    }

    static String compact(JsonNode node) {
        return new String(bytes(node), StandardCharsets.UTF_8);
    }

    /** The controller's canonical text: the hash of an input is compared with the one it wrote. */
    static byte[] canonical(JsonNode node) {
        return CanonicalJson.text(node).getBytes(StandardCharsets.UTF_8);
    }

    /** Whether nothing in it lies deeper than a launcher lets handlers nest. */
    static boolean shallow(JsonNode node) {
        return shallow(node, MAX_DEPTH);
    }

    private static boolean shallow(JsonNode node, int levels) {
        if (levels == 0) {
            return false;
        }
        for (var child : node) {
            if (!shallow(child, levels - 1)) {
                return false;
            }
        }
        return true;
    }

    /** The same document with every string and key passed through {@code clean}. */
    static JsonNode cleaned(JsonNode node, UnaryOperator<String> clean) {
        return switch (node) {
            case ObjectNode object -> {
                var copy = object();
                object.properties()
                        .forEach(field -> copy.set(clean.apply(field.getKey()), cleaned(field.getValue(), clean)));
                yield copy;
            }
            case ArrayNode array -> {
                var copy = JsonNodeFactory.instance.arrayNode(array.size());
                array.forEach(element -> copy.add(cleaned(element, clean)));
                yield copy;
            }
            case TextNode text -> TextNode.valueOf(clean.apply(text.textValue()));
            default -> node;
        };
    }

    /** Whether the name of a member, at any depth, has more UTF-8 bytes than that. */
    static boolean hasNameOver(JsonNode node, int bytes) {
        for (var field : node.properties()) {
            if (field.getKey().getBytes(StandardCharsets.UTF_8).length > bytes) {
                return true;
            }
        }
        for (var child : node) {
            if (hasNameOver(child, bytes)) {
                return true;
            }
        }
        return false;
    }

    private static boolean finite(JsonNode node) {
        if (node.isFloatingPointNumber()) {
            return Double.isFinite(node.doubleValue());
        }
        for (var child : node) {
            if (!finite(child)) {
                return false;
            }
        }
        return true;
    }
}
