package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "203.0.113.0/24, 203.0.113.0/24",
        "0.0.0.0/0, 0.0.0.0/0",
        "255.255.255.255/32, 255.255.255.255/32",
        "2001:DB8::/32, 2001:db8::/32",
        "2001:0db8:0000:0000:0000:0000:0000:0001/128, 2001:db8::1/128",
        "::/0, ::/0",
        "::1/128, ::1/128",
        "2001:db8:0:1:0:0:0:1/128, 2001:db8:0:1::1/128",
        "2001:db8:0:1:1:1:0:1/128, 2001:db8:0:1:1:1:0:1/128",
        "1:0:0:2:0:0:0:3/128, 1:0:0:2::3/128",
        "fe80::/10, fe80::/10",
        "::1.2.3.4/128, ::102:304/128",
    })
    void blocksAreReadAndWrittenCanonically(String text, String canonical) {
        CidrBlock block = CidrBlock.of(text);
        assertThat(block).hasToString(canonical);
        assertThat(CidrBlock.of(canonical)).isEqualTo(block);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.10/24 | 203.0.113.0/24",
                "203.0.113.10/24 | 203.0.113.10/32",
                "2001:db8::5/32 | 2001:db8::/32",
                "203.0.113.10 | /32",
                "[2001:db8::]/32 | no brackets",
                "::ffff:169.254.169.254/128 | 169.254.169.254/32",
                "::ffff:0:0/96 | IPv4",
                "10.0.0.0/33 | 0 to 32",
                "2001:db8::/129 | 0 to 128",
            })
    void aMalformedBlockIsToldTheRightForm(String text, String hint) {
        assertThat(CidrBlock.parse(text, "p").violations())
                .singleElement()
                .extracting(Violation::message)
                .asString()
                .contains(hint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/24",
                "10.0.0.0/",
                "10.0.0/24",
                "10.1/16",
                "010.0.0.0/8",
                "0x0a.0.0.0/8",
                "167772160/8",
                "10.0.0.0/08",
                "10.0.0.0/-1",
                "10.0.0.0/+8",
                "fe80::%eth0/64",
                "example.org/24",
                "2001:db8:::/32",
                "1:2:3:4:5:6:7:8:9/128",
                ":/0",
                "10.0.0.0/8/8",
                "10.0.0.0 /8",
                "١٠.0.0.0/8"
            })
    void whatIsNoBlockIsRefused(String text) {
        assertThat(CidrBlock.parse(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.1.0.0/16, true, true",
        "10.0.0.0/8, 10.0.0.0/8, true, true",
        "10.1.0.0/16, 10.0.0.0/8, false, true",
        "10.0.0.0/8, 11.0.0.0/8, false, false",
        "0.0.0.0/0, 255.255.255.255/32, true, true",
        "::/0, 2001:db8::/32, true, true",
        "2001:db8::/32, 2001:db8:ffff::/48, true, true",
        "2001:db8::/64, 2001:db8:0:1::/64, false, false",
        "2001:db8::8000:0:0:0/65, 2001:db8::/65, false, false",
        "0.0.0.0/0, ::/0, false, false",
        "::/0, 0.0.0.0/0, false, false",
    })
    void containment(String outer, String inner, boolean contains, boolean overlaps) {
        assertThat(CidrBlock.of(outer).contains(CidrBlock.of(inner))).isEqualTo(contains);
        assertThat(CidrBlock.of(outer).overlaps(CidrBlock.of(inner))).isEqualTo(overlaps);
    }

    @ParameterizedTest
    @CsvSource({
        "203.0.113.0/24:443, 203.0.113.0/24:443",
        "2001:db8::/32:443, 2001:db8::/32:443",
        "2001:db8::/32:8000-8100/udp, 2001:db8::/32:8000-8100/udp",
        "203.0.113.0/24:53/udp, 203.0.113.0/24:53/udp",
        "203.0.113.0/24:*, 203.0.113.0/24:*",
    })
    void grantsAreReadAndWrittenCanonically(String text, String canonical) {
        assertThat(CidrGrant.parse(text, "p").orElseThrow()).hasToString(canonical);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.0/24 | \"203.0.113.0/24:443\"",
                "203.0.113.10:443 | /32",
                "203.0.113.0/24: | 443",
                "[2001:db8::/32]:443 | no brackets",
                "2001:db8::/32 | \"2001:db8::/32:443\"",
            })
    void aMalformedGrantIsToldTheRightForm(String text, String hint) {
        assertThat(CidrGrant.parse(text, "p").violations())
                .singleElement()
                .extracting(Violation::message)
                .asString()
                .contains(hint);
    }

    @Test
    void aGrantNeedsBothAddressAndPort() {
        CidrGrant grant = CidrGrant.parse("10.0.0.0/8:80-90", "p").orElseThrow();
        assertThat(grant.covers(CidrGrant.parse("10.1.0.0/16:85", "p").orElseThrow()))
                .isTrue();
        assertThat(grant.covers(CidrGrant.parse("10.1.0.0/16:85-91", "p").orElseThrow()))
                .isFalse();
        assertThat(grant.overlaps(CidrGrant.parse("10.1.0.0/16:85-91", "p").orElseThrow()))
                .isTrue();
        assertThat(grant.covers(CidrGrant.parse("10.1.0.0/16:85/udp", "p").orElseThrow()))
                .isFalse();
        assertThat(grant.covers(new ServiceName("x"))).isFalse();
    }
}
