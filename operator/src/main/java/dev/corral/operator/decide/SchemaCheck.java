package dev.corral.operator.decide;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaException;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks a document against a handler's JSON Schema (2020-12). Schemas are data: references leave the document nowhere. */
public final class SchemaCheck {
    /** Most problems that are listed; more would not help anybody. */
    private static final int MOST = 8;

    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(
            SpecVersion.VersionFlag.V202012,
            builder -> builder.schemaLoaders(loaders -> loaders.add(iri -> () -> {
                throw new java.io.IOException("a schema may not refer to other documents: " + iri);
            })));

    private SchemaCheck() {}

    /** What is wrong, as sentences with the place in front; empty when all is well or there is no schema. */
    public static List<String> problems(@Nullable JsonNode schema, @Nullable JsonNode document, String what) {
        if (schema == null || empty(schema)) {
            return List.of();
        }
        if (document == null) {
            return List.of(what + " is missing, and the handler has a schema for it");
        }
        try {
            JsonSchema compiled =
                    FACTORY.getSchema(schema, SchemaValidatorsConfig.builder().build());
            return compiled.validate(document).stream()
                    .limit(MOST)
                    .map(problem ->
                            what + dotted(problem.getInstanceLocation().toString()) + ": " + problem.getMessage())
                    .toList();
        } catch (JsonSchemaException unusable) {
            return List.of("the handler's schema cannot be used: " + unusable.getMessage());
        }
    }

    /** Names the schema a document was decided to be checked against; empty where there is none. */
    public static String hash(@Nullable JsonNode schema) {
        return schema == null || empty(schema) ? "" : CanonicalJson.hash(schema);
    }

    private static boolean empty(JsonNode schema) {
        return !schema.isObject() || schema.isEmpty();
    }

    /** A JSON pointer as the fields of a spec are written; the document itself is the empty one. */
    private static String dotted(String pointer) {
        return pointer.replace('/', '.');
    }
}
