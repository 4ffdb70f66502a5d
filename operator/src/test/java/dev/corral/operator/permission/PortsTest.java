package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PortsTest {
    @ParameterizedTest
    @CsvSource({
        "443, 443, 443, TCP, 443",
        "443/tcp, 443, 443, TCP, 443",
        "53/udp, 53, 53, UDP, 53/udp",
        "8000-8100, 8000, 8100, TCP, 8000-8100",
        "80-80, 80, 80, TCP, 80",
        "*, 1, 65535, TCP, *",
        "1-65535, 1, 65535, TCP, *",
        "*/udp, 1, 65535, UDP, */udp",
    })
    void isReadAndWrittenCanonically(String text, int from, int to, Protocol protocol, String canonical) {
        Ports ports = Ports.parse(text, "p").orElseThrow();
        assertThat(ports).isEqualTo(new Ports(from, to, protocol)).hasToString(canonical);
        assertThat(Ports.parse(canonical, "p").orElseThrow()).isEqualTo(ports);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "65536",
                "99999",
                "-1",
                "443-",
                "-443",
                "8100-8000",
                "0443",
                "80,443",
                "443/sctp",
                "443/TCP",
                "٤٤٣",
                " 443",
                "*-5"
            })
    void isRefused(String text) {
        assertThat(Ports.parse(text, "spec.x").violations())
                .singleElement()
                .extracting(Violation::path)
                .isEqualTo("spec.x");
    }

    @Test
    void whatIsDeniedWithoutAProtocolIsDeniedForEach() {
        var denied = Ports.parseDeny("*", "p").orElseThrow();
        for (var text : List.of("443", "443/udp", "*", "*/udp")) {
            var asked = Ports.parse(text, "p").orElseThrow();
            assertThat(denied.covers(asked)).as(text).isTrue();
            assertThat(denied.overlaps(asked)).as(text).isTrue();
            assertThat(asked.overlaps(denied)).as(text).isTrue();
            assertThat(asked.covers(denied)).as(text).isFalse();
        }
        assertThat(denied).hasToString("*");
        assertThat(Ports.parseDeny("53/udp", "p")).isEqualTo(Ports.parse("53/udp", "p"));
    }

    @Test
    void aReversedRangeIsToldTheRightWayRound() {
        assertThat(Ports.parse("8100-8000", "p").violations().getFirst().message())
                .contains("8000-8100");
    }

    @Test
    void cannotBeBuiltMalformed() {
        assertThatThrownBy(() -> new Ports(0, 1, Protocol.TCP)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Ports(2, 1, Protocol.TCP)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Ports(1, 65536, Protocol.TCP)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void protocolsAreApart() {
        assertThat(Ports.all(Protocol.UDP).covers(Ports.tcp(53))).isFalse();
        assertThat(Ports.all(Protocol.UDP).overlaps(Ports.tcp(53))).isFalse();
    }
}
