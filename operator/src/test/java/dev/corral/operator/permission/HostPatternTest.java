package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPatternTest {
    @ParameterizedTest
    @CsvSource({
        "api.example.org, api.example.org:443",
        "api.example.org:8443, api.example.org:8443",
        "API.Example.ORG:443, api.example.org:443",
        "api.example.org., api.example.org:443",
        "api.example.org.:80, api.example.org:80",
        "*.example.org, *.example.org:443",
        "*.Example.org.:8000-8100, *.example.org:8000-8100",
        "xn--bcher-kva.example:443, xn--bcher-kva.example:443",
        "3com.example, 3com.example:443",
        "1.2.3.4.example, 1.2.3.4.example:443",
    })
    void isReadAndWrittenCanonically(String text, String canonical) {
        HostPattern host = HostPattern.parse(text, "p").orElseThrow();
        assertThat(host).hasToString(canonical);
        assertThat(HostPattern.parse(canonical, "p").orElseThrow()).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*",
                "*:443",
                "*.",
                "*.com",
                "*.com:443",
                "*.org.",
                "com",
                "localhost",
                ".",
                "..",
                "a..b.example",
                ".example.org",
                "*.*.example.org",
                "api.*.example.org",
                "a*.example.org",
                "**.example.org",
                "evil.com#.good.com",
                "evil.com/good.com",
                "good.com@evil.com",
                "https://good.com",
                "good.com?x",
                "good.com\u0000.evil.com",
                "-a.example.org",
                "a-.example.org",
                "under_score.example.org",
                "api.example.org:0",
                "api.example.org:",
                "api.example.org:443/udp",
                "api.example.org..",
                "127.0.0.1",
                "127.0.0.1:443",
                "1.2.3",
                "0x7f.1",
                "0x7f000001",
                "2130706433",
                "017700000001",
                "127.1",
                "a.0x",
                "[::1]:443",
                "::1",
                "[::ffff:169.254.169.254]",
                "fe80::1:443",
                "bücher.example",
                "ｅxample.org",
                "example。org",
                "e\u200bxample.org"
            })
    void isRefused(String text) {
        assertThat(HostPattern.parse(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @Test
    void longNamesAndLabelsAreRefused() {
        assertThat(HostPattern.parse("a".repeat(63) + ".example.org", "p")).isInstanceOf(Parsed.Value.class);
        assertThat(HostPattern.parse("a".repeat(64) + ".example.org", "p")).isInstanceOf(Parsed.Malformed.class);
        assertThat(HostPattern.parse("a.".repeat(125) + "org", "p")).isInstanceOf(Parsed.Value.class);
        assertThat(HostPattern.parse("a.".repeat(127) + "org", "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bücher.example | xn--bcher-kva.example",
                "*.bücher.example:443 | *.xn--bcher-kva.example",
                "10.0.0.1 | network.cidrs",
                "*.com | *.example.com"
            })
    void theRefusalSaysWhatToWrite(String text, String hint) {
        assertThat(HostPattern.parse(text, "p").violations().getFirst().message())
                .contains(hint);
    }

    @ParameterizedTest
    @CsvSource({
        "*.example.org, example.org, false",
        "*.example.org, a.example.org, true",
        "*.example.org, a.b.example.org, true",
        "*.example.org, *.example.org, true",
        "*.example.org, *.b.example.org, true",
        "*.b.example.org, *.example.org, false",
        "*.example.org, badexample.org, false",
        "*.example.org, example.org.evil.test, false",
        "example.org, example.org, true",
        "example.org, *.example.org, false",
        "example.org, a.example.org, false",
        "example.org:443, example.org:80, false",
        "example.org:*, example.org:80, true",
    })
    void covers(String grant, String ask, boolean covers) {
        assertThat(HostPattern.parse(grant, "p")
                        .orElseThrow()
                        .covers(HostPattern.parse(ask, "p").orElseThrow()))
                .isEqualTo(covers);
    }

    @ParameterizedTest
    @CsvSource({
        "*.example.org, api.example.org, 443, true",
        "*.example.org, API.EXAMPLE.ORG., 443, true",
        "*.example.org, example.org, 443, false",
        "*.example.org, .example.org, 443, false",
        "*.example.org, api.example.org, 80, false",
        "example.org, example.org., 443, true",
        "example.org, example.org.evil.test, 443, false",
        "example.org:8000-8100, example.org, 7999, false",
        "example.org:8000-8100, example.org, 8000, true",
        "example.org:8000-8100, example.org, 8100, true",
        "example.org:8000-8100, example.org, 8101, false",
    })
    void matches(String pattern, String host, int port, boolean matches) {
        assertThat(HostPattern.parse(pattern, "p").orElseThrow().matches(host, port))
                .isEqualTo(matches);
    }

    @Test
    void aDenyWithoutPortMeansAllPorts() {
        HostPattern deny = HostPattern.parseDeny("internal.example.org", "p").orElseThrow();
        assertThat(deny.overlaps(
                        HostPattern.parse("internal.example.org:8443", "p").orElseThrow()))
                .isTrue();
        assertThat(deny.overlaps(HostPattern.parse("*.example.org:8443", "p").orElseThrow()))
                .isTrue();
    }

    @Test
    void cannotBeBuiltMalformed() {
        assertThatThrownBy(() -> new HostPattern("127.0.0.1", false, Ports.tcp(443)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
