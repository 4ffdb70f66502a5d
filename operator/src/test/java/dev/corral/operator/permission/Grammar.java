package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.fuzz.Lines;
import dev.corral.operator.fuzz.Prompt;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;

/** What must hold for every grammar, whatever stands in the text: two patterns on the first lines, what they may mean on the third. */
final class Grammar {
    private Grammar() {}

    static <T extends Grantable> void holds(
            byte[] input, BiFunction<String, String, Parsed<T>> parse, BiPredicate<T, String> matches) {
        Lines lines = Lines.of(input);
        Prompt.run(() -> {
            Parsed<T> one = parse.apply(lines.first(), "path");
            Parsed<T> two = parse.apply(lines.second(), "path");
            readsBack(one, parse);
            readsBack(two, parse);
            if (one instanceof Parsed.Value<T>(T a) && two instanceof Parsed.Value<T>(T b)) {
                agree(a, b, lines.third(), matches);
            }
        });
    }

    private static <T extends Grantable> void readsBack(Parsed<T> parsed, BiFunction<String, String, Parsed<T>> parse) {
        switch (parsed) {
            case Parsed.Value<T>(T value) -> {
                assertThat(parse.apply(value.toString(), "path").orElseThrow()).isEqualTo(value);
                assertThat(value.covers(value)).as("%s covers itself", value).isTrue();
            }
            case Parsed.Malformed<T>(var violations) ->
                assertThat(violations).allSatisfy(violation -> {
                    assertThat(violation.toString().length()).isLessThan(1024);
                    assertThat(violation.toString().codePoints()).allMatch(Text::printable);
                });
        }
    }

    /** What is covered is matched, and what both match overlaps: a grant never means more, a deny never less, than the text says. */
    private static <T extends Grantable> void agree(T a, T b, String subject, BiPredicate<T, String> matches) {
        boolean byA = matches.test(a, subject);
        boolean byB = matches.test(b, subject);
        if (a.covers(b)) {
            assertThat(a.overlaps(b))
                    .as("%s covers %s and so overlaps it", a, b)
                    .isTrue();
            assertThat(byA || !byB)
                    .as("%s covers %s but does not mean %s", a, b, subject)
                    .isTrue();
        }
        if (byA && byB) {
            assertThat(a.overlaps(b))
                    .as("%s and %s both mean %s and overlap", a, b, subject)
                    .isTrue();
        }
    }
}
