package dev.corral.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Parsed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** References and patterns; {@code @D} stands for a digest. */
class ImageTest {
    private static String full(String text) {
        return text.replace("@D", "@" + Scene.DIGEST).replaceAll("^D$", Scene.DIGEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry.example.org:5000/a/b:1.0@D", "localhost/a", "registry.example.org/a@D"})
    void aReferenceStaysAsItIsWritten(String text) {
        assertThat(ImageReference.parse(full(text), "p").orElseThrow()).hasToString(full(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "alpine",
                "team/tool:1",
                "UPPER/case",
                "a b",
                "a@sha256:abc",
                "a@md5:d41d8cd98f00b204e9800998ecf8427e",
                "https://registry.example.org/a",
                "a:",
                "a//b",
                "../a",
                "a\n",
                "registry.example.org:05000/a",
                "quay.io:0443/a"
            })
    void whatIsNoReferenceIsRefused(String text) {
        assertThat(ImageReference.parse(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void aReferenceIsNoLongerThanTheSchemaTakesIt() {
        String name = "registry.example.org/" + "a".repeat(491);
        assertThat(ImageReference.parse(name, "p").violations()).isEmpty();
        assertThat(ImageReference.parse(name + "a", "p").violations()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "index.docker.io/library/python:3@D, docker.io/library/python",
        "index.docker.io/python, docker.io/library/python",
        "registry-1.docker.io/team/a, docker.io/team/a",
        "docker.io/python:3, docker.io/library/python",
        "docker.io:443/team/a, docker.io/team/a",
        "quay.io:443/team/a@D, quay.io/team/a",
        "index.docker.io:443/a, docker.io/library/a",
    })
    void anotherNameOfTheSameRepositoryIsRefusedWithItsUsualOne(String text, String usual) {
        assertThat(ImageReference.parse(full(text), "p").violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.message()).endsWith("write " + usual));
    }

    @ParameterizedTest
    @CsvSource({
        "index.docker.io/*, docker.io/*",
        "index.docker.io/team/*, docker.io/team/*",
        "docker.io/python, docker.io/library/python",
        "quay.io:443/team/a@D, quay.io/team/a",
        "quay.io:443/*, quay.io/*",
    })
    void aPatternOfSuchANameIsRefusedForItWouldMatchNothing(String text, String usual) {
        assertThat(ImagePattern.parse(full(text), "p").violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.message()).endsWith("write " + usual));
    }

    @Test
    void aPatternOfTheUsualNameIsTaken() {
        for (var text : List.of("docker.io/*", "docker.io/library/*", "docker.io/library/python", "quay.io/team/*")) {
            assertThat(ImagePattern.parse(text, "p").violations()).as(text).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docker.io/library/python",
                "docker.io/team/a",
                "registry.example.org:4430/a",
                "registry.example.org:5000/a",
                "registry:5000/a",
                "localhost/a",
                "index.docker.io.example.org/a"
            })
    void theUsualNameIsTaken(String text) {
        assertThat(ImageReference.parse(text, "p").violations()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "registry.example.org/*, registry.example.org/a/b:1@D, true",
        "registry.example.org/*, registry.example.org.evil.test/a, false",
        "registry.example.org/team/*, registry.example.org/team/a, true",
        "registry.example.org/team/*, registry.example.org/team, false",
        "registry.example.org/team/*, registry.example.org/team2/a, false",
        "registry.example.org:5000/*, registry.example.org/a, false",
        "registry.example.org/a, registry.example.org/a:1, true",
        "registry.example.org/a, registry.example.org/a/b, false",
        "*, registry.example.org/at/all, true",
        "D, registry.example.org/at/all@D, true",
        "D, registry.example.org/at/all:1, false",
        "registry.example.org/a@D, registry.example.org/a@D, true",
        "registry.example.org/a@D, registry.example.org/a:1, false",
        "registry.example.org/a@D, registry.example.org/b@D, false",
    })
    void patternsAreAnchoredAtWholeParts(String pattern, String image, boolean matches) {
        assertThat(ImagePattern.parse(full(pattern), "p")
                        .orElseThrow()
                        .matches(ImageReference.parse(full(image), "p").orElseThrow()))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "**",
                "reg*/a",
                "*/a",
                "registry.example.org/*/a",
                "registry.example.org/a:1",
                "registry.example.org/a*",
                "sha256:abc",
                "/a",
                "a/"
            })
    void whatIsNoPatternIsRefused(String text) {
        assertThat(ImagePattern.parse(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }
}
