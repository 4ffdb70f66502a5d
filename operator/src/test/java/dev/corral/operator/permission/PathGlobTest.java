package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
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

    @ParameterizedTest
    @CsvSource({
        "/data/**, /data/a/b, true",
        "/data/**, /data, true",
        "/data/**, /database, false",
        "/data/**, /data/../etc/passwd, false",
        "/data/**, /data//x, false",
        "/data/**, /data/%2e%2e/x, false",
        "/data/*, /data/a, true",
        "/data/*, /data/a/b, false",
        "/data/*.json, /data/.json, true",
        "/data/*.json, /data/x.json, true",
        "/data/*.json, /data/x.jsonx, false",
        "/**/*.json, /x.json, true",
        "/**/*.json, /a/b/x.json, true",
        "/a/**/b/**/c, /a/b/c, true",
        "/a/**/b/**/c, /a/x/b/y/b/z/c, true",
        "/a/**/b/**/c, /a/x/y/c, false",
        "/**, /, true",
        "/, /, true",
        "/, /x, false",
        "/a*b*c, /aXXbYYc, true",
        "/a*b*c, /aXXbYY, false",
    })
    void matches(String glob, String path, boolean matches) {
        assertThat(PathGlob.parse(glob, "p").orElseThrow().matches(path)).isEqualTo(matches);
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
        "/a/**/c, /a/*/c, false, true",
    })
    void coversAndOverlaps(String grant, String ask, boolean covers, boolean overlaps) {
        PathGlob granted = PathGlob.parse(grant, "p").orElseThrow();
        PathGlob asked = PathGlob.parse(ask, "p").orElseThrow();
        assertThat(granted.covers(asked)).isEqualTo(covers);
        assertThat(granted.overlaps(asked)).isEqualTo(overlaps);
    }

    @Test
    void fortyStarsOnALongPathTakeNoTime() {
        PathGlob inSegment = PathGlob.parse("/" + "a*".repeat(40) + "b", "p").orElseThrow();
        PathGlob overSegments =
                PathGlob.parse("/" + "**/a/".repeat(40) + "b", "p").orElseThrow();
        String long1 = "/" + "a".repeat(4095);
        String long2 = "/" + "a/".repeat(2047) + "a";
        assertTimeoutPreemptively(Duration.ofMillis(500), () -> {
            for (int i = 0; i < 10; i++) {
                assertThat(inSegment.matches(long1)).isFalse();
                assertThat(overSegments.matches(long2)).isFalse();
            }
        });
    }
}
