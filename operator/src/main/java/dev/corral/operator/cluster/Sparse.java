package dev.corral.operator.cluster;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserSequence;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.Unread;
import java.io.IOException;
import java.util.Set;

/**
 * What is read of an object, before anything is made of it: all that anybody asks for, but of one with more than {@link Unread#MOST} values,
 * names and brackets only the fields that keep to that, so that no object takes much more memory than it has bytes. In place of the others stands
 * {@link Unread}: in free-form JSON it is there for whoever looks, in any other field it makes the spec one that cannot be read.
 */
final class Sparse {
    private static final String OURS = "corral.dev/";
    /** Free-form in a spec or handler of ours. They have a bound of their own, so that the fields around them can be read whatever is in them. */
    private static final Set<String> FREE = Set.of("input", "output");

    /** By which a network policy is known for ours. */
    private static final Set<String> LABELS = Set.of(OwnedLabels.MANAGED_BY, OwnedLabels.NETWORK_CLASS);
    /** An object has one or two. */
    private static final int MOST_OWNERS = 64;

    private final JsonParser from;
    private final DeserializationContext context;
    private final TokenBuffer to;
    private final Budget all = new Budget();
    private boolean ours;
    private boolean core;

    private Sparse(JsonParser from, DeserializationContext context) {
        this.from = from;
        this.context = context;
        this.to = context.bufferForInputBuffering(from);
    }

    /** Of the object that begins here; the parser is at its end then. */
    static TokenBuffer copy(JsonParser parser, DeserializationContext context) throws IOException {
        if (!parser.hasToken(JsonToken.START_OBJECT)) {
            return context.bufferAsCopyOfValue(parser);
        }
        TokenBuffer first = context.bufferForInputBuffering(parser);
        if (copy(parser, first, Unread.MOST, true).open() == 0) {
            return first; // nearly all of them, so these are copied once and not field by field
        }
        JsonParser whole = JsonParserSequence.createFlattened(false, first.asParser(parser.getCodec()), parser);
        whole.nextToken();
        return new Sparse(whole, context).object();
    }

    private static final class Budget {
        int left = Unread.MOST;
    }

    private TokenBuffer object() throws IOException {
        to.writeStartObject();
        while (from.nextToken() == JsonToken.FIELD_NAME) {
            String name = from.currentName();
            from.nextToken();
            if (name.equals("apiVersion")) {
                ours = from.getText().startsWith(OURS);
                // kinds of the core are read into types of their own, which have no place for what is left out
                core = from.getText().indexOf('/') < 0;
            }
            boolean metadata = name.equals("metadata");
            if (from.hasToken(JsonToken.START_OBJECT) && !core && (metadata || ours)) {
                to.writeFieldName(name);
                fields(metadata);
            } else {
                value(name, all, false);
            }
        }
        to.writeEndObject();
        return to;
    }

    private void fields(boolean metadata) throws IOException {
        if (metadata) {
            metadata();
        } else {
            fields(new Budget(), new Budget());
        }
    }

    /**
     * Whether it is ours and what it would go with is asked of network policies, so that is there whatever else is. Other labels are left out,
     * and other fields that do not fit, without a word: of these kinds nobody asks for them.
     */
    private void metadata() throws IOException {
        Budget rest = new Budget();
        to.writeStartObject();
        while (from.nextToken() == JsonToken.FIELD_NAME) {
            String name = from.currentName();
            from.nextToken();
            if (name.equals("labels") && from.hasToken(JsonToken.START_OBJECT)) {
                to.writeFieldName(name);
                labels();
            } else if (name.equals("ownerReferences") && from.hasToken(JsonToken.START_ARRAY)) {
                to.writeFieldName(name);
                owners();
            } else {
                value(name, rest, true);
            }
        }
        to.writeEndObject();
    }

    private void labels() throws IOException {
        to.writeStartObject();
        while (from.nextToken() == JsonToken.FIELD_NAME) {
            String name = from.currentName();
            from.nextToken();
            if (LABELS.contains(name)) {
                to.writeFieldName(name);
                to.copyCurrentStructure(from);
            } else {
                from.skipChildren();
            }
        }
        to.writeEndObject();
    }

    /** The first of them say that there are any. */
    private void owners() throws IOException {
        to.writeStartArray();
        for (int left = MOST_OWNERS; from.nextToken() != JsonToken.END_ARRAY; left--) {
            if (left > 0) {
                to.copyCurrentStructure(from);
            } else {
                from.skipChildren();
            }
        }
        to.writeEndArray();
    }

    /** Each by itself. */
    private void fields(Budget free, Budget rest) throws IOException {
        to.writeStartObject();
        while (from.nextToken() == JsonToken.FIELD_NAME) {
            String name = from.currentName();
            from.nextToken();
            if (name.equals("handlers") && from.hasToken(JsonToken.START_ARRAY)) {
                to.writeFieldName(name);
                handlers(free, rest);
            } else {
                value(name, FREE.contains(name) ? free : rest, false);
            }
        }
        to.writeEndObject();
    }

    private void handlers(Budget free, Budget rest) throws IOException {
        to.writeStartArray();
        while (from.nextToken() != JsonToken.END_ARRAY) {
            if (from.hasToken(JsonToken.START_OBJECT)) {
                fields(free, rest);
            } else {
                from.skipChildren();
                to.writeNull();
            }
        }
        to.writeEndArray();
    }

    private void value(String name, Budget budget, boolean omitted) throws IOException {
        if (from.currentToken().isScalarValue()) { // these are few, by their schemas
            to.writeFieldName(name);
            to.copyCurrentEvent(from);
            return;
        }
        TokenBuffer value = context.bufferForInputBuffering(from);
        Copied copied = copy(from, value, core ? Integer.MAX_VALUE : Math.max(1, budget.left), false);
        if (copied.open() == 0) {
            budget.left -= copied.tokens();
            to.writeFieldName(name);
            to.append(value);
            return;
        }
        skip(copied.open());
        if (!omitted) {
            to.writeFieldName(name);
            to.writeEmbeddedObject(Unread.TOO_MUCH);
        }
    }

    /** {@code open}: brackets, none if the whole value was copied. */
    private record Copied(int tokens, int open) {}

    /** At most so many tokens of the value that begins here, and at least one; of an object not what {@link LeanReading} leaves out anyway. */
    private static Copied copy(JsonParser from, TokenBuffer to, int most, boolean object) throws IOException {
        int open = 0;
        int tokens = 0;
        while (true) {
            if (object && open == 2 && isManagedFields(from)) {
                // of an execution they are four tokens in ten, and each would be copied on every stage of the way
                from.nextToken();
                from.skipChildren();
            } else {
                to.copyCurrentEvent(from);
                open += bracket(from.currentToken());
                tokens++;
                if (open == 0 || tokens == most) {
                    return new Copied(tokens, open);
                }
            }
            from.nextToken();
        }
    }

    private static boolean isManagedFields(JsonParser from) throws IOException {
        return from.hasToken(JsonToken.FIELD_NAME)
                && from.currentName().equals(LeanReading.MANAGED_FIELDS)
                && "metadata".equals(from.getParsingContext().getParent().getCurrentName());
    }

    private void skip(int open) throws IOException {
        for (int left = open; left > 0; ) {
            left += bracket(from.nextToken());
        }
    }

    private static int bracket(JsonToken token) {
        return token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }
}
