package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PathGlobTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "data",
                "./data",
                "/data/../etc/*",
                "/data/./x",
                "/..",
                "/.",
                "//data",
                "/data//x",
                "/%2e%2e/etc",
                "/data/\u0000",
                "/data\\..\\etc",
                "/data/\n",
                "/a**",
                "/**b/x",
                "/a?",
                "/[ab]",
                "/{a,b}",
                "/data/\u202e"
            })
    void isRefused(String text) {
        assertThat(PathGlob.parse(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @ParameterizedTest
    @CsvSource({"/work/, /work", "/work/**/**/x, /work/**/x", "/, /", "/work/**, /work/**", "/a/...x, /a/...x"})
    void isWrittenCanonically(String text, String canonical) {
        assertThat(PathGlob.parse(text, "p").orElseThrow()).hasToString(canonical);
    }

    /** One table for both languages: the launcher's glob_test.go reads it too. */
    @Test
    void theSharedTableHolds() throws IOException {
        Path table = Path.of("..", "launcher", "glob", "testdata", "cases.tsv");
        List<String> cases = Files.readAllLines(table).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
        assertThat(cases).hasSizeGreaterThan(50);
        for (String line : cases) {
            String[] columns = line.split("\t", -1);
            assertThat(columns).as(line).hasSize(3);
            switch (PathGlob.parse(unescaped(columns[0]), "p")) {
                case Parsed.Malformed<PathGlob> ignored ->
                    assertThat(columns[2]).as(line).isEqualTo("refused");
                case Parsed.Value<PathGlob>(PathGlob glob) ->
                    assertThat(Boolean.toString(glob.matches(unescaped(columns[1]))))
                            .as(line)
                            .isEqualTo(columns[2]);
            }
        }
    }

    private static String unescaped(String text) {
        return Pattern.compile("\\\\u([0-9a-f]{4})")
                .matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(found.group(1), 16))
                                .replace("\\", "\\\\")))
                .translateEscapes();
    }

    @ParameterizedTest
    @CsvSource({
        "/work/**, /work/a/*, true, true",
        "/work/**, /work/**, true, true",
        "/work/**, /**, false, true",
        "/work/*, /work/a, true, true",
        "/work/*, /work/**, false, true",
        "/work/*, /work/*, true, true",
        "/work/**, /working/**, false, false",
        "/work, /work/**, false, true",
        "/work, /work/a, false, false",
        "/a/**/c, /a/b/c, true, true",
        "/a/**/c, /a/*/c, true, true",
        "/a/*/c, /a/**/c, false, true",
        "/a/x*, /a/xy*z, true, true",
        "/a/*z, /a/xy*, false, true",
        "/a/*, /a/**, false, true",
    })
    void coversAndOverlaps(String grant, String ask, boolean covers, boolean overlaps) {
        PathGlob granted = PathGlob.parse(grant, "p").orElseThrow();
        PathGlob asked = PathGlob.parse(ask, "p").orElseThrow();
        assertThat(granted.covers(asked)).isEqualTo(covers);
        assertThat(granted.overlaps(asked)).isEqualTo(overlaps);
    }

    /** Counted, not timed. */
    @ParameterizedTest
    @CsvSource({"a*, 40, b, a, 4095", "**/a/, 40, b, a/, 2047", "**/a*a/, 40, *b*, aaaaaaa/, 500", "*a, 40, '', a, 4094"
    })
    void fortyStarsStayWithinTheProductOfTheLengths(String part, int times, String end, String name, int names) {
        String text = "/" + part.repeat(times) + end;
        String path = "/" + name.repeat(names) + "c";
        PathGlob.Steps steps = new PathGlob.Steps();
        assertThat(PathGlob.parse(text, "p").orElseThrow().matches(path, steps)).isFalse();
        assertThat(steps.taken()).isPositive().isLessThanOrEqualTo((long) text.length() * path.length());
    }
}
