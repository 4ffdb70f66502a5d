package dev.corral.operator.schema;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What an expression takes is known before RE2 compiles it, which bounds nothing. */
class LinearPatternLaws {
    private static final List<String> ATOMS = List.of(
            "a",
            "é",
            "]",
            "}",
            "-",
            "{a}",
            "\\n",
            "\\.",
            "\\\\",
            "\\x61",
            "\\x{1F600}",
            "\\x{61}",
            "\\d",
            "\\W",
            "\\[",
            "\\(",
            ".",
            "\\p{L}",
            "\\pN",
            "\\P{Lu}",
            "[ab]",
            "[^ab]",
            "[]a]",
            "[^]a]",
            "[a\\]b]",
            "[[:alpha:]]",
            "[(|)]",
            "[.]",
            "^",
            "$",
            "\\b",
            "(?i)",
            "(?s-i)",
            "()");
    private static final List<String> QUANTIFIERS =
            List.of("", "", "*", "+", "?", "*?", "{2}", "{0,2}", "{1,}", "{1,3}?", "{0}", "{40}", "{7,50}");

    @Property(tries = 5_000)
    void theSizeIsNotMoreThanThriceWhatWasCounted(@ForAll("patterns") String pattern) {
        assertThat(Pattern.compile(pattern).programSize())
                .as(pattern)
                .isLessThanOrEqualTo(8 + 3 * (int) LinearPattern.size(pattern));
    }

    /** Its lengths are counted apart. */
    @Property(tries = 2_000)
    void oneClassFromBeginningToEndIsWhatRe2MakesOfIt(@ForAll("classes") String pattern, @ForAll("texts") String text) {
        assertThat(new LinearPattern(pattern, new Steps(10_000_000)).find(text))
                .as("%s of %s", pattern, text)
                .isEqualTo(Pattern.compile(pattern).matcher(text).find());
    }

    @Provide
    Arbitrary<String> classes() {
        return Combinators.combine(
                        Arbitraries.of(
                                ".",
                                "\\w",
                                "\\D",
                                "[a-c]",
                                "[^a]",
                                "[\\]\\w]",
                                "[a{2}]",
                                "[^\\pL]",
                                "[^\\n\\x{1F600}]"),
                        Arbitraries.of("{0}", "{2}", "{1,}", "{0,3}", "{2,4}", "{3,3}"))
                .as((one, often) -> "^" + one + often + "$");
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of("a", "b", "]", "2", "{", "\n", "é", "\uD83D\uDE00", "\uD83D")
                .list()
                .ofMaxSize(6)
                .map(all -> String.join("", all));
    }

    @Provide
    Arbitrary<String> patterns() {
        Arbitrary<String> pattern = sequences(atoms());
        for (int depth = 0; depth < 2; depth++) {
            Arbitrary<String> group = Combinators.combine(
                            Arbitraries.of("(", "(?:", "(?i:", "(?P<n>"), pattern, Arbitraries.of(QUANTIFIERS))
                    .as((opened, inner, often) -> opened + inner + ")" + often);
            pattern = sequences(Arbitraries.oneOf(atoms(), group));
        }
        return pattern.filter(LinearPatternLaws::isOne);
    }

    private static boolean isOne(String made) {
        try {
            Pattern.compile(made);
            return true;
        } catch (PatternSyntaxException none) {
            return false;
        }
    }

    private static Arbitrary<String> atoms() {
        return Combinators.combine(Arbitraries.of(ATOMS), Arbitraries.of(QUANTIFIERS))
                .as(String::concat);
    }

    private static Arbitrary<String> sequences(Arbitrary<String> pieces) {
        return pieces.list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(all -> String.join("", all))
                .list()
                .ofMinSize(1)
                .ofMaxSize(2)
                .map(all -> String.join("|", all));
    }
}
