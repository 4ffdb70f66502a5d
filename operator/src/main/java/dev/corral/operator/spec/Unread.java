package dev.corral.operator.spec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializable;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.jsontype.TypeSerializer;
import com.fasterxml.jackson.databind.node.POJONode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Stands in the place of a value that has too much in it to be read. No JSON is read as one, so nobody can write it. */
public enum Unread implements JsonSerializable {
    TOO_MUCH;

    /**
     * Values, names and brackets that are read of one field, or of all schemas of a plugin. An empty map is three bytes of JSON and eighty
     * in memory: of an object of a megabyte that is full of them the tree would take thirty, this many take two.
     */
    public static final int MOST = 32 * 1024;

    /** What is said of one, after its name. */
    public static final String WORDS = "has more than " + MOST + " values, names and brackets";

    public static boolean is(@Nullable JsonNode node) {
        return node instanceof POJONode pojo && pojo.getPojo() instanceof Unread;
    }

    /** Stays what it is on its way from one object in memory to another, and is of a type that fits nowhere in any text. */
    @Override
    public void serialize(JsonGenerator to, SerializerProvider serializers) throws IOException {
        if (to instanceof TokenBuffer tokens) {
            tokens.writeEmbeddedObject(this);
        } else {
            to.writeString(WORDS);
        }
    }

    @Override
    public void serializeWithType(JsonGenerator to, SerializerProvider serializers, TypeSerializer types)
            throws IOException {
        serialize(to, serializers);
    }
}
