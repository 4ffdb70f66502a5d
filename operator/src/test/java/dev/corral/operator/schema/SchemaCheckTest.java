package dev.corral.operator.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SchemaCheckTest {
    private static final String SCHEMA =
            "{'type':'object','required':['url'],'properties':{'url':{'type':'string'},'at':{'properties':{'x':{'type':'number'}}}}}";

    @Test
    void problemNamesTheFieldAsASpecWouldWriteIt() throws Exception {
        assertThat(SchemaCheck.problems("team-a", json(SCHEMA), json("{'link':'x'}"), "spec.input"))
                .singleElement()
                .asString()
                .startsWith("spec.input: ")
                .contains("url");
        assertThat(SchemaCheck.problems("team-a", json(SCHEMA), json("{'url':1}"), "spec.input"))
                .singleElement()
                .asString()
                .startsWith("spec.input.url: ");
        assertThat(SchemaCheck.problems("team-a", json(SCHEMA), json("{'url':'','at':{'x':'y'}}"), "spec.input"))
                .singleElement()
                .asString()
                .startsWith("spec.input.at.x: ");
    }

    @Test
    void whatFitsAndWhatHasNoSchemaHasNoProblem() throws Exception {
        assertThat(SchemaCheck.problems("team-a", json(SCHEMA), json("{'url':''}"), "spec.input"))
                .isEmpty();
        assertThat(SchemaCheck.problems("team-a", null, json("{}"), "spec.input"))
                .isEmpty();
    }

    @Test
    void expressionThatGoesBackForeverIsNotGoneBackIn() throws Exception {
        assertThat(patterned("^a*a*a*a*a*a*a*a*a*a*X$", "a".repeat(300)))
                .asString()
                .contains("regex pattern ^a*");
        assertThat(patterned("^(a|b|ab)*$", "ab".repeat(20_000))).isEmpty();
        assertThat(patterned("^" + "(|)".repeat(60) + "x$", "")).asString().contains("regex pattern");
        assertThat(patterned("((a{1000}){1000}){1000}", "a")).asString().contains("takes too much work");
        assertThat(patterned("(){1000000000}", "")).asString().contains("takes too much work");
        assertThat(patterned("^(" + "a?".repeat(500) + "){50}$", "a".repeat(20_000)))
                .asString()
                .contains("takes too much work");
        assertThat(patterned("(".repeat(2_000) + ")".repeat(2_000), ""))
                .asString()
                .contains("50 levels deep");
    }

    @Test
    void expressionThatNeedsToGoBackIsRefused() throws Exception {
        for (String pattern : List.of("(a)\\\\1", "a++", "(?>a)b", "(?=a)b", "(?<!a)b", "(?x)a b", "a(", "\\\\R")) {
            assertThat(patterned(pattern, "aa"))
                    .singleElement()
                    .asString()
                    .startsWith("the handler's schema cannot be used: the pattern ")
                    .contains("is none that RE2 knows: ");
        }
        assertThat(patterned("\\\\Qa\\\\E", "a")).asString().contains("\\Q, which is not supported");
    }

    /** RE2 bounds neither what it keeps of a class before it is read to its end nor how often it folds a character. */
    @Test
    void classesOfAnExpressionAreCounted() throws Exception {
        assertThat(patterned("[" + "\\\\pL".repeat(2_000) + "]", "a"))
                .asString()
                .contains("more than 4096 characters");
        assertThat(patterned("[" + "\\\\pL".repeat(1_300) + "]", "a")).isEmpty();
        for (String tables : List.of(
                "[" + "\\\\pL".repeat(1_300) + "]",
                "\\\\pL|".repeat(1_000) + "a",
                "(?i)[" + "A-\u052F".repeat(1_300) + "]")) {
            assertThat(SchemaCheck.problems(
                            "team-a",
                            json("{'allOf':[" + listed(2, "{'pattern':'" + tables + "%s'}") + "]}"),
                            json("'a'"),
                            "spec.input"))
                    .as(tables.substring(0, 20))
                    .singleElement()
                    .asString()
                    .contains("takes too much work");
        }
    }

    /** RE2 folds some characters for ever: google/re2j#168. */
    @Test
    void caseIsIgnoredOfCharactersThatFold() throws Exception {
        for (String endless : List.of("\u1C80", "[A-\u2000]", "\\\\x{1C80}", "\\\\u1C80", "(?s:[a\\\\x{1C88}])")) {
            for (String flag : List.of("(?i)", "(?s-mi)", "(?P<n>(?si:a))")) {
                assertThat(patterned(flag + endless, "a"))
                        .as(flag + endless)
                        .singleElement()
                        .asString()
                        .contains("ignores case, so it may name");
            }
        }
        assertThat(patterned("^(?i)[à-ÿа-я]+STRASSE[^ -\u052F]$", "ÀЯstrasse\u4E00"))
                .isEmpty();
        assertThat(patterned("^\u1C80[A-\u2000]$", "\u1C80a")).isEmpty();
    }

    @Test
    void lengthsMayBeBoundedByAPattern() throws Exception {
        String page = "some words. ".repeat(25);
        for (String pattern :
                List.of("^[^<>]{1,500}$", "^.{1,1000}$", "^[\\\\w .]{300}$", "^.{10,}$", "^.{1,20000}$")) {
            JsonNode schema = json("{'items':{'pattern':'" + pattern + "'}}");
            assertThat(SchemaCheck.problems(
                            "team-a", schema, json("[" + listed(800, "'" + page + "'") + "]"), "spec.input"))
                    .as(pattern)
                    .isEmpty();
            assertThat(SchemaCheck.problems("team-a", schema, json("['']"), "spec.input"))
                    .as(pattern)
                    .hasSize(1);
        }
        assertThat(patterned("^a{2,3}$", "aaaa")).hasSize(1);
        assertThat(patterned("^a{2,3}$", "aaa")).isEmpty();
        assertThat(patterned("^.{3,2}$", "aaa")).asString().contains("invalid repeat count");
        assertThat(patterned("^(a|b){1,1001}$", "a")).asString().contains("invalid repeat count");
        String mails = "[" + listed(2_000, "'somebody-%1$s@mail-%1$s.example.org'") + "]";
        assertThat(SchemaCheck.problems(
                        "team-a", json("{'items':{'pattern':'^[^@]{1,64}@[^@]{1,255}$'}}"), json(mails), "spec.input"))
                .isEmpty();
    }

    /** ECMA-262 has no other way to write one, and RE2 not this one. */
    @Test
    void charactersMayBeWrittenByNumber() throws Exception {
        assertThat(patterned("^\\\\u0061[\\\\u0062]$", "ab")).isEmpty();
        assertThat(patterned("^\\\\\\\\u0061$", "\\\\u0061")).isEmpty();
    }

    @Test
    void referencesThatDoubleAreNotFollowedToTheirEnd() throws Exception {
        for (String both : List.of(
                "'allOf':[{'$ref':'#d%1$s'},{'$ref':'#d%1$s'}]",
                "'allOf':[{'$dynamicRef':'#d%1$s'},{'$dynamicRef':'#d%1$s'}]",
                "'not':{'anyOf':[{'$ref':'#d%1$s'},{'$ref':'#d%1$s'}]}",
                "'if':{'$ref':'#d%1$s'},'then':{'$ref':'#d%1$s'},'else':{'$ref':'#d%1$s'}",
                "'properties':{'a':{'$ref':'#d%1$s'}},'dependentSchemas':{'a':{'$ref':'#d%1$s'}},'additionalProperties':{'$ref':'#d%1$s'}")) {
            StringBuilder schema = new StringBuilder("{'$ref':'#d0','$defs':{");
            for (int i = 0; i <= 40; i++) {
                schema.append("'d" + i + "':{'$anchor':'d" + i + "'," + both.formatted(i + 1) + "},");
            }
            String nested = "{'a':".repeat(60) + "1" + "}".repeat(60);
            assertThat(SchemaCheck.problems(
                            "team-a",
                            json(schema + "'d41':{'$anchor':'d41','type':'string'}}}"),
                            json(nested),
                            "spec.input"))
                    .singleElement()
                    .asString()
                    .startsWith("spec.input cannot be checked against the handler's schema: that takes too much work");
        }
    }

    @Test
    void schemaThatRefersToItselfOrNestsForeverIsNotFollowed() throws Exception {
        for (String endless : List.of(
                "{'$ref':'#'}",
                "{'$schema':'https://json-schema.org/draft/2019-09/schema','not':{'$recursiveRef':'#'}}",
                "{'not':".repeat(900) + "{}" + "}".repeat(900),
                "{'properties':{'a':".repeat(450) + "{}" + "}}".repeat(450))) {
            assertThat(SchemaCheck.problems("team-a", json(endless), json("{}"), "result"))
                    .singleElement()
                    .asString()
                    .contains("300 levels deep");
        }
        String tree = "{'type':'object','properties':{'in':{'$ref':'#'}},'additionalProperties':false}";
        assertThat(SchemaCheck.problems(
                        "team-a", json(tree), json("{'in':".repeat(64) + "{}" + "}".repeat(64)), "spec.input"))
                .isEmpty();
    }

    @Test
    void noSchemaTimesDocumentTakesForever() throws Exception {
        String many = "[" + "{},".repeat(60_000) + "{}]";
        String text = "'" + "a".repeat(200_000) + "'";
        String alike = IntStream.range(0, 8192)
                .mapToObj(i -> "'"
                        + String.format("%13s", Integer.toBinaryString(i))
                                .replace("1", "Aa")
                                .replaceAll("[ 0]", "BB")
                        + "'")
                .collect(Collectors.joining(","));
        for (List<String> heavy : List.of(
                List.of("{'items':{'properties':{" + listed(5_000, "'p%s':true") + "}}}", many),
                List.of("{'items':{'allOf':[" + listed(5_000, "{'type':'string'}") + "]}}", many),
                List.of("{'items':{'required':[" + listed(5_000, "'p%s'") + "]}}", many),
                List.of(
                        "{'items':{'contains':{'const':" + text + "}}}",
                        many.replace('{', '[').replace('}', ']')),
                List.of("{'allOf':[" + listed(50_000, "{'maxLength':%s}") + "]}", text),
                List.of("{'uniqueItems':true}", "[" + alike + "]"),
                List.of("{'items':{'enum':[" + alike + "]}}", "[" + alike + "]"),
                List.of(
                        "{'allOf':[" + listed(100, "{'additionalProperties':false}") + "]}",
                        "{" + alike.replace(",", ":0,") + ":0}"),
                List.of(
                        "{'items':{'unevaluatedProperties':false,'allOf':["
                                + listed(20, "{'properties':{'a':%s}}").replaceAll(":\\d+", ":true") + "]}}",
                        "[" + "{'a':1},".repeat(30_000) + "{}]"),
                List.of(
                        "{'allOf':[" + listed(9_000, "{'properties':{'a':{'type':'string'}}}")
                                + "],'unevaluatedProperties':false}",
                        "{'a':1,'b':2}"))) {
            assertThat(SchemaCheck.problems("team-a", json(heavy.get(0)), json(heavy.get(1)), "spec.input"))
                    .singleElement()
                    .asString()
                    .containsAnyOf("takes too much work", "problems at once");
        }
    }

    @Test
    void largeHonestInputIsChecked() throws Exception {
        String schema =
                "{'type':'array','uniqueItems':true,'items':{'$ref':'#/$defs/page'},'$defs':{'page':{'type':'object',"
                        + "'additionalProperties':false,'required':['id','url'],'properties':{'id':{'type':'integer','minimum':0},"
                        + "'url':{'type':'string','maxLength':256,'pattern':'^https://[^/]+(/[a-zA-Z0-9._~-]*)*$'},"
                        + "'kind':{'enum':['a','b','c']},'tags':{'items':{'type':'string','pattern':'^[a-z-]+$'}}}}}}";
        String pages = "["
                + listed(3_000, "{'id':%1$s,'url':'https://e.example.org/pages/%1$s','kind':'b','tags':['x-y','z']}")
                + "]";
        assertThat(SchemaCheck.problems("team-a", json(schema), json(pages), "spec.input"))
                .isEmpty();
        assertThat(SchemaCheck.problems("team-a", json(schema), json(pages.replace("/2999'", "/%'")), "spec.input"))
                .singleElement()
                .asString()
                .startsWith("spec.input.2999.url: ");
        String wide = "{'properties':{" + listed(3_000, "'p%s':{'type':'string','description':'Some words.'}") + "}}";
        assertThat(SchemaCheck.problems(
                        "team-a", json(wide), json("{" + listed(3_000, "'p%s':'x'") + "}"), "spec.input"))
                .isEmpty();
    }

    @Test
    void eachOfManyItemsMayBeOneOfAFewKinds() throws Exception {
        String kinds = listed(
                8,
                "{'type':'object','required':['kind','id','f%1$s'],'additionalProperties':false,'properties':{"
                        + "'kind':{'const':'k%1$s'},'id':{'type':'integer'},'f%1$s':{'type':'string'},'note':{'type':'string'}}}");
        String items = IntStream.range(0, 5_000)
                .mapToObj(i -> "{'kind':'k%1$s','id':%2$s,'f%1$s':'value','note':'n'}".formatted(i % 8, i))
                .collect(Collectors.joining(",", "[", "]"));
        for (String some : List.of("oneOf", "anyOf")) {
            assertThat(SchemaCheck.problems(
                            "team-a", json("{'items':{'" + some + "':[" + kinds + "]}}"), json(items), "spec.input"))
                    .isEmpty();
        }
    }

    @Test
    void manyItemsMayBeAskedForWhatIsUnevaluated() throws Exception {
        assertThat(SchemaCheck.problems(
                        "team-a",
                        json(
                                "{'items':{'unevaluatedProperties':false,'allOf':[{'properties':{'id':{'type':'integer'}}},"
                                        + "{'properties':{'kind':{'enum':['a','b']}}}],'properties':{'note':{'type':'string'}}}}"),
                        json("[" + listed(5_000, "{'id':%s,'kind':'a','note':'some words'}") + "]"),
                        "spec.input"))
                .isEmpty();
    }

    /** Each takes up to a kilobyte, and what an alternative that does not fit finds is let go when another does. */
    @Test
    void problemsThatAreHeldAtOnceAreCounted() throws Exception {
        String wide = "{" + listed(15_000, "'p%s':0") + "}";
        for (List<String> many : List.of(
                List.of("{'allOf':[" + listed(2, "{'additionalProperties':false,'minProperties':%s}") + "]}", wide),
                List.of("{'oneOf':[" + listed(2, "{'additionalProperties':false,'minProperties':%s}") + "]}", wide),
                List.of("{'items':false}", "[" + listed(21_000, "%s") + "]"),
                List.of("{'items':{'type':'string'}}", "[" + listed(21_000, "%s") + "]"),
                List.of("{'required':[" + listed(21_000, "'p%s'") + "]}", "{}"))) {
            assertThat(SchemaCheck.problems("team-a", json(many.get(0)), json(many.get(1)), "spec.input"))
                    .as(many.get(0).substring(0, 15))
                    .singleElement()
                    .asString()
                    .contains("more than 20000 problems at once");
        }
        assertThat(SchemaCheck.problems(
                        "team-a",
                        json("{'items':{'anyOf':[{'additionalProperties':false},true]}}"),
                        json("[" + wide + "," + wide + "," + wide + "]"),
                        "spec.input"))
                .isEmpty();
    }

    /** It is remembered, and goes into a status. */
    @Test
    void aProblemIsSaidInFewWords() throws Exception {
        for (int asked = 0; asked < 2; asked++) {
            assertThat(SchemaCheck.problems(
                            "team-a", json("{'enum':[" + listed(5_000, "'p%s'") + "]}"), json("'q'"), "spec.input"))
                    .singleElement()
                    .asString()
                    .startsWith("spec.input: ")
                    .hasSizeLessThanOrEqualTo(512);
        }
    }

    @Test
    void whoeverWaitedForTheSameAnswerIsGivenIt() throws Exception {
        Answers answers = new Answers(8);
        AtomicInteger asked = new AtomicInteger();
        Supplier<List<String>> answer = () -> List.of("answer " + asked.incrementAndGet());
        Thread second = new Thread(() -> SchemaCheck.once("team-a", answers, "x", answer));

        SchemaCheck.once("team-a", answers, "x", () -> {
            waits(second);
            return answer.get();
        });
        second.join();

        assertThat(asked).hasValue(1);
    }

    @Test
    void whoComesFromElsewhereIsBehindOneCheckOfANamespaceAndNotBehindAllOfThem() throws Exception {
        Answers answers = new Answers(64);
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        List<Thread> crowd = Stream.of("a 2", "a 3", "a 4", "b 1")
                .map(name -> new Thread(() -> asks(name, answers, order)))
                .toList();

        SchemaCheck.once("a", answers, "a 1", () -> {
            crowd.forEach(SchemaCheckTest::waits);
            order.add("a 1");
            return List.of();
        });
        for (Thread one : crowd) {
            one.join();
        }

        assertThat(order).containsExactly("a 1", "b 1", "a 2", "a 3", "a 4");
    }

    private static void asks(String name, Answers answers, List<String> order) {
        SchemaCheck.once(name.substring(0, 1), answers, name, () -> {
            order.add(name);
            return List.of();
        });
    }

    private static void waits(Thread thread) {
        thread.start();
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }

    /** A linter asks every few minutes. */
    @Test
    void aFlawIsRemembered() throws Exception {
        JsonNode schema = json("{'pattern':'(remembered)\\\\1'}");
        assertThat(SchemaCheck.flaw("team-a", schema)).isPresent();
        assertThat(SchemaCheck.flaw("team-a", schema).orElseThrow())
                .isSameAs(SchemaCheck.flaw("team-a", schema.deepCopy()).orElseThrow());
    }

    @Test
    void noOtherDocumentIsFetched() throws Exception {
        try (ServerSocket elsewhere = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            elsewhere.setSoTimeout(1);
            String web = "http://127.0.0.1:" + elsewhere.getLocalPort() + "/schema.json";
            for (String other : List.of(
                    web,
                    "//127.0.0.1:" + elsewhere.getLocalPort() + "/x",
                    "file:///etc/hostname",
                    "classpath:draft-07",
                    "jar:file:/x.jar!/y",
                    "https://json-schema.org/draft/2020-12/schema",
                    "other.json")) {
                assertThat(SchemaCheck.problems("team-a", json("{'$ref':'" + other + "'}"), json("{}"), "spec.input"))
                        .as(other)
                        .singleElement()
                        .asString()
                        .startsWith("the handler's schema cannot be used: a schema may not refer to other documents");
            }
            assertThat(SchemaCheck.problems("team-a", json("{'$schema':'" + web + "'}"), json("{}"), "spec.input"))
                    .asString()
                    .contains("the handler's schema cannot be used");
            assertThatThrownBy(elsewhere::accept).as("nobody called").isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void whatIsNoSchemaIsAProblemOfTheSchema() throws Exception {
        for (String none : List.of(
                "{'$schema':5}",
                "{'items':7}",
                "{'$ref':'#/nowhere'}",
                "{'$ref':'%%%'}",
                "{'$id':'::::'}",
                "{'type':['string',{'$ref':'#/nowhere'}]}")) {
            assertThat(SchemaCheck.problems("team-a", json(none), json("[]"), "spec.input"))
                    .as(none)
                    .singleElement()
                    .asString()
                    .startsWith("the handler's schema cannot be used: ");
            assertThat(SchemaCheck.flaw("team-a", json(none))).as(none).isPresent();
        }
        assertThat(SchemaCheck.flaw("team-a", json(SCHEMA))).isEmpty();
    }

    private static List<String> patterned(String pattern, String text) throws Exception {
        return SchemaCheck.problems(
                "team-a",
                json("{'properties':{'x':{'pattern':'" + pattern + "'}}}"),
                json("{'x':'" + text + "'}"),
                "spec.input");
    }

    private static String listed(int count, String each) {
        return IntStream.range(0, count).mapToObj(each::formatted).collect(Collectors.joining(","));
    }

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }
}
