package dev.corral.operator.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.networknt.schema.ValidationMessage;
import dev.corral.operator.spec.Unread;
import dev.corral.operator.status.PlainText;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Checks a document against a handler's JSON Schema (2020-12). Schemas are data: references leave the document nowhere, and no work is endless. */
public final class SchemaCheck {
    /** Most problems that are listed; more would not help anybody. */
    private static final int MOST = 8;

    /** A second at worst, and some twenty megabytes. An input of 256 KiB takes a tenth of them, if ten keywords look at each field. */
    private static final long STEPS = 10_000_000;

    /** One at a time, in turn: what one check takes at most is what all of them take, and they keep no more than one processor busy. */
    private static final Lock TURN = new ReentrantLock(true);

    /** Of each namespace one waits for that turn: who comes from elsewhere is behind one of its checks, not behind all of them. */
    private static final Turns PER_NAMESPACE = new Turns();

    /** How many answers are remembered: an execution is looked at several times, and delivered, with the same two documents. */
    private static final int REMEMBERED = 1024;

    private static final int LONGEST = 512;

    private static final Answers ANSWERS = new Answers(REMEMBERED);

    /** More, for every plugin is looked at every few minutes, and has up to 64 schemas. */
    private static final Answers FLAWS = new Answers(4 * REMEMBERED);

    private SchemaCheck() {}

    /** What is wrong, as sentences with the place in front; empty when all is well or there is no schema. The namespace is whose turn it takes. */
    public static List<String> problems(
            String namespace, @Nullable JsonNode schema, @Nullable JsonNode document, String what) {
        if (schema == null || empty(schema)) {
            return List.of();
        }
        if (Unread.is(schema)) {
            return List.of("the handler's schema cannot be used: it " + Unread.WORDS);
        }
        if (document == null) {
            return List.of(what + " is missing, and the handler has a schema for it");
        }
        String asked = what + " " + CanonicalJson.hash(schema) + " " + CanonicalJson.hash(document);
        return once(namespace, ANSWERS, asked, () -> answer(schema, document, what));
    }

    /** Whoever waited for the others of their namespace may find that one of them has asked the same. */
    static List<String> once(String namespace, Answers answers, String asked, Supplier<List<String>> answer) {
        return answers.get(namespace, asked)
                .orElseGet(() -> PER_NAMESPACE.in(
                        namespace,
                        () -> answers.get(namespace, asked).orElseGet(() -> {
                            List<String> said = inTurn(answer);
                            answers.put(namespace, asked, said);
                            return said;
                        })));
    }

    private static List<String> inTurn(Supplier<List<String>> answer) {
        TURN.lock();
        try {
            return answer.get().stream()
                    .map(problem -> PlainText.shown(problem, LONGEST))
                    .toList();
        } finally {
            TURN.unlock();
        }
    }

    private static List<String> answer(JsonNode schema, JsonNode document, String what) {
        try {
            return check(schema, document).stream()
                    .limit(MOST)
                    .map(problem -> what + dotted(problem.getInstanceLocation().toString()) + ": " + problem.getError())
                    .toList();
        } catch (Steps.Spent spent) {
            return List.of(what + " cannot be checked against the handler's schema: " + spent.getMessage());
        } catch (RuntimeException | StackOverflowError unusable) { // what the validator throws at a schema that is none
            return List.of("the handler's schema cannot be used: " + unusable.getMessage());
        }
    }

    /** Why no document could be checked against a schema; empty for one that can be used. What is of the whole cluster has no namespace: "". */
    public static Optional<String> flaw(String namespace, @Nullable JsonNode schema) {
        if (schema == null || empty(schema)) {
            return Optional.empty();
        }
        if (Unread.is(schema)) {
            return Optional.of(
                    "cannot be used as a schema: with those before it, it " + Unread.WORDS + "; make them simpler");
        }
        return once(namespace, FLAWS, CanonicalJson.hash(schema), () -> {
                    try {
                        check(schema, JsonNodeFactory.instance.objectNode());
                        return List.of();
                    } catch (RuntimeException | StackOverflowError unusable) {
                        return List.of("cannot be used as a schema: " + unusable.getMessage());
                    }
                })
                .stream()
                .findFirst();
    }

    private static Set<ValidationMessage> check(JsonNode schema, JsonNode document) {
        return CountedSchemas.compile(schema, new Steps(STEPS)).validate(document);
    }

    /** Names the schema a document was decided to be checked against; empty where there is none. */
    public static String hash(@Nullable JsonNode schema) {
        return schema == null || empty(schema) ? "" : CanonicalJson.hash(schema);
    }

    private static boolean empty(JsonNode schema) {
        return !Unread.is(schema) && (!schema.isObject() || schema.isEmpty());
    }

    /** A JSON pointer as the fields of a spec are written; the document itself is the empty one. */
    private static String dotted(String pointer) {
        return pointer.replace('/', '.');
    }
}
