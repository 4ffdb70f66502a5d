package dev.corral.operator.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.BaseJsonValidator;
import com.networknt.schema.DefaultJsonMetaSchemaFactory;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonNodePath;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.JsonValidator;
import com.networknt.schema.Keyword;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.TypeValidator;
import com.networknt.schema.ValidationContext;
import com.networknt.schema.ValidationMessage;
import com.networknt.schema.annotation.JsonNodeAnnotation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The validator's keywords, each of which takes steps for what it does, so that no schema keeps a thread busy or fills the memory. Made anew
 * for every check: what the validator would remember of schemas, of all of them together, goes with it.
 */
final class CountedSchemas {
    /** In steps: what a keyword of a schema takes in memory, which a reference takes once more. */
    private static final int KEYWORD = 500;
    /** In steps: what is done about something wrong with the document, most of which is let go as soon as an alternative fits. */
    private static final int PROBLEM = 10;
    /** In steps: what is kept of a place, where it is asked what is unevaluated there. */
    private static final int KEPT = 250;
    /** They tell what they evaluated. */
    private static final Set<String> EVALUATING = Set.of(
            "properties",
            "patternProperties",
            "additionalProperties",
            "unevaluatedProperties",
            "prefixItems",
            "items",
            "additionalItems",
            "unevaluatedItems",
            "contains");
    /** Characters of a text that are one step. */
    private static final int CHARACTERS = 16;

    private final Steps steps;
    /** How many schemas have found a place of the document wrong, at most: what is unevaluated is asked of each of them. */
    private final Map<JsonNodePath, Integer> wrong = new HashMap<>();

    private final boolean asksWhatIsUnevaluated;

    private final Map<String, LinearPattern> patterns = new HashMap<>();

    private CountedSchemas(JsonNode schema, Steps steps) {
        this.steps = steps;
        this.asksWhatIsUnevaluated =
                schema.findValue("unevaluatedItems") != null || schema.findValue("unevaluatedProperties") != null;
    }

    static JsonSchema compile(JsonNode schema, Steps steps) {
        CountedSchemas counted = new CountedSchemas(schema, steps);
        JsonSchemaFactory factory = JsonSchemaFactory.getInstance(
                SpecVersion.VersionFlag.V202012,
                builder -> builder.metaSchema(counted.dialect(JsonMetaSchema.getV202012()))
                        .metaSchemaFactory((iri, loading, config) -> counted.dialect(
                                DefaultJsonMetaSchemaFactory.getInstance().getMetaSchema(iri, loading, config)))
                        .schemaLoaders(loaders -> loaders.add(iri -> {
                            throw new JsonSchemaException("a schema may not refer to other documents: " + iri);
                        })));
        return factory.getSchema(
                schema,
                SchemaValidatorsConfig.builder()
                        .preloadJsonSchema(false) // it would follow every reference
                        .regularExpressionFactory(regex -> counted.pattern(regex)::find)
                        .build());
    }

    /** Formats only tell, as 2020-12 has it: those of older dialects are expressions nobody bounds. Unknown keywords say nothing. */
    private JsonMetaSchema dialect(JsonMetaSchema known) {
        JsonMetaSchema dialect = JsonMetaSchema.builder(known)
                .formats(Map::clear)
                .unknownKeywordFactory((keyword, context) -> null)
                .build();
        dialect.getKeywords().replaceAll((name, keyword) -> new Counted(keyword));
        return dialect;
    }

    private LinearPattern pattern(String regex) {
        return patterns.computeIfAbsent(regex, unread -> new LinearPattern(unread, steps));
    }

    private final class Counted implements Keyword {
        private final Keyword one;

        Counted(Keyword one) {
            this.one = one;
        }

        @Override
        public String getValue() {
            return one.getValue();
        }

        @Override
        public @Nullable JsonValidator newValidator(
                SchemaLocation location,
                JsonNodePath path,
                JsonNode value,
                JsonSchema parent,
                ValidationContext context)
                throws Exception {
            steps.enter();
            try {
                long size = size(value);
                steps.take(KEYWORD + length(path) + size);
                if (getValue().equals("enum")) {
                    size += alike(value, CountedSchemas::enumHash);
                    steps.take(size);
                } else if (getValue().equals("pattern") && value.isTextual()) {
                    pattern(value.textValue()); // the validator would log one that is none
                }
                JsonValidator made = one.newValidator(location, path, value, parent, context);
                if (made instanceof TypeValidator && !value.isArray()) {
                    return new CountedType(location, path, value, parent, context);
                }
                return made instanceof BaseJsonValidator ? new CountedValidator(made, value, size) : made;
            } finally {
                steps.leave();
            }
        }
    }

    /** The validator asks for this class. */
    private final class CountedType extends TypeValidator {
        CountedType(
                SchemaLocation location,
                JsonNodePath path,
                JsonNode value,
                JsonSchema parent,
                ValidationContext context) {
            super(location, path, value, parent, context);
        }

        @Override
        public Set<ValidationMessage> validate(
                ExecutionContext context, JsonNode node, JsonNode root, JsonNodePath place) {
            steps.take(1);
            return counted(super.validate(context, node, root, place), place, steps.problems());
        }
    }

    private final class CountedValidator implements JsonValidator {
        private final JsonValidator one;
        private final boolean forbids;
        private final long size;

        CountedValidator(JsonValidator one, JsonNode value, long size) {
            this.one = one;
            this.forbids = value.isBoolean() && !value.booleanValue();
            this.size = size;
        }

        @Override
        public Set<ValidationMessage> validate(
                ExecutionContext context, JsonNode node, JsonNode root, JsonNodePath place) {
            steps.enter();
            try {
                long before = steps.problems();
                steps.problems(before + most(node));
                steps.problems(before);
                steps.take(1 + size + node.size() + text(node));
                if (asksWhatIsUnevaluated && EVALUATING.contains(getKeyword())) {
                    steps.take(KEPT);
                }
                if (getKeyword().equals("uniqueItems")) {
                    steps.take(size(node) + alike(node, JsonNode::hashCode));
                } else if (getKeyword().startsWith("unevaluated")) {
                    steps.take(unevaluated(context, node, place));
                }
                return counted(one.validate(context, node, root, place), place, before);
            } finally {
                steps.leave();
            }
        }

        /** Of the keywords that find many problems by themselves, before anybody can count them. An object of 256 KiB has not so many members. */
        private long most(JsonNode node) {
            return switch (getKeyword()) {
                case "required", "dependentRequired" -> size;
                case "items", "additionalItems", "unevaluatedItems" -> forbids ? node.size() : 0;
                default -> 0;
            };
        }

        /** Every annotation of the place is compared with every schema that was wrong there. */
        private long unevaluated(ExecutionContext context, JsonNode node, JsonNodePath place) {
            List<JsonNodeAnnotation> annotations =
                    context.getAnnotations().asMap().getOrDefault(place, List.of());
            return (long) annotations.size() * (1 + wrong.getOrDefault(place, 0) + node.size());
        }

        @Override
        public SchemaLocation getSchemaLocation() {
            return one.getSchemaLocation();
        }

        @Override
        public JsonNodePath getEvaluationPath() {
            return one.getEvaluationPath();
        }

        @Override
        public String getKeyword() {
            return one.getKeyword();
        }
    }

    /** Problems are put into sets again and again, with the path to their place. What was found beneath and is not among them is let go. */
    private Set<ValidationMessage> counted(Set<ValidationMessage> problems, JsonNodePath place, long before) {
        steps.problems(before + problems.size());
        if (!problems.isEmpty()) {
            steps.take(PROBLEM + problems.size() * length(place));
            steps.take(alike(problems, ValidationMessage::hashCode));
            if (asksWhatIsUnevaluated) {
                steps.take(KEPT);
                wrong.merge(place, 1, Integer::sum);
            }
        }
        return problems;
    }

    /** What a hash set of these compares, where somebody chose them to have one hash. */
    private static <T> long alike(Iterable<T> all, ToIntFunction<T> hash) {
        Map<Integer, Integer> count = new HashMap<>();
        long pairs = 0;
        for (T one : all) {
            pairs += count.merge(hash.applyAsInt(one), 1, Integer::sum);
        }
        return pairs;
    }

    /** Numbers are compared as decimals; containers seldom stand in an enum, so they may be alike. */
    private static int enumHash(JsonNode value) {
        return value.isNumber() ? Double.hashCode(value.doubleValue()) : value.isContainerNode() ? 0 : value.hashCode();
    }

    private static long size(JsonNode node) {
        long size = 1 + text(node);
        for (JsonNode child : node) {
            size += size(child);
        }
        for (var names = node.fieldNames(); names.hasNext(); ) {
            size += names.next().length() / CHARACTERS;
        }
        return size;
    }

    private static long text(JsonNode node) {
        return node.isTextual() ? node.textValue().length() / CHARACTERS : 0;
    }

    private static long length(JsonNodePath path) {
        long length = 1;
        for (JsonNodePath at = path; at != null; at = at.getParent()) {
            length += 1 + String.valueOf(at.getElement(-1)).length() / CHARACTERS;
        }
        return length;
    }
}
