package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A pattern matches what java.util.regex says it matches. */
class LinearPatternLaws {
    private static final List<String> CHARACTERS = List.of(
            "a",
            "b",
            "A",
            "é",
            "😀",
            "]",
            "}",
            "-",
            "\\n",
            "\\.",
            "\\\\",
            "\\x61",
            "\\x{1F600}",
            "\\u0062",
            "\\uD83D\\uDE00",
            "\\0141",
            "\\cA",
            "\\d",
            "\\w",
            "\\s",
            "\\D",
            "\\W",
            "\\h",
            ".",
            "\\p{L}",
            "\\pN",
            "\\P{Lu}",
            "[ab]",
            "[^ab]",
            "[]a]",
            "[^]a]",
            "[a\\]b]",
            "[a-z&&[^b]]",
            "[[a][b]]",
            "[[]a]b]",
            "[\\w-]",
            "[a[^b]]",
            "[(|)]",
            "[.]");
    private static final List<String> PLACES =
            List.of("^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z", "(?i)", "(?m)", "(?s)", "(?-i)", "(?u)", "()");
    private static final List<String> QUANTIFIERS =
            List.of("", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{1,3}?", "{0}");
    private static final List<String> TEXT =
            List.of("a", "b", "A", "B", "é", "É", "😀", " ", "\n", "\r", "]", "-", "1", "\u0001", "\\", ".", "\uD83D");

    @Property(tries = 20_000)
    void findsWhatTheJdkFinds(@ForAll("patterns") String pattern, @ForAll("texts") String text) {
        assertThat(new LinearPattern(pattern, new Steps(10_000_000)).find(text))
                .isEqualTo(Pattern.compile(pattern).matcher(text).find());
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(TEXT).list().ofMaxSize(7).map(all -> String.join("", all));
    }

    /** Repeated is only what takes a character: of repeated nothing, java.util.regex has its own ideas. */
    @Provide
    Arbitrary<String> patterns() {
        Arbitrary<String> pattern = sequences(characters());
        for (int depth = 0; depth < 3; depth++) {
            Arbitrary<String> inner = pattern;
            Arbitrary<String> group = Combinators.combine(Arbitraries.of(CHARACTERS), inner, quantifiers())
                    .as((first, rest, often) -> "(" + first + "(?:" + rest + "))" + often);
            Arbitrary<String> look = Combinators.combine(
                            Arbitraries.of("(?=", "(?!", "(?:", "(", "(?i:", "(?-i:"), inner)
                    .as((opened, rest) -> opened + rest + ")");
            Arbitrary<String> back = Combinators.combine(
                            Arbitraries.of("(?<=", "(?<!"), Arbitraries.of(CHARACTERS), Arbitraries.of(CHARACTERS))
                    .as((opened, one, other) -> opened + one + other + "|" + other + ")");
            pattern = sequences(Arbitraries.oneOf(characters(), group, look, back, Arbitraries.of(PLACES)));
        }
        return pattern;
    }

    private static Arbitrary<String> characters() {
        return Combinators.combine(Arbitraries.of(CHARACTERS), quantifiers()).as(String::concat);
    }

    private static Arbitrary<String> quantifiers() {
        return Arbitraries.of(QUANTIFIERS);
    }

    private static Arbitrary<String> sequences(Arbitrary<String> pieces) {
        return pieces.list()
                .ofMaxSize(3)
                .map(all -> String.join("", all))
                .list()
                .ofMinSize(1)
                .ofMaxSize(2)
                .map(all -> String.join("|", all));
    }
}
