package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.CidrBlock;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAddressesTest {
    private static final PublicAddresses PUBLIC = PublicAddresses.outside(
            List.of(CidrBlock.of("203.0.113.128/25"), CidrBlock.of("2001:db8:1::/48")),
            List.of(CidrBlock.of("10.20.0.0/16"), CidrBlock.of("127.0.0.0/8"), CidrBlock.of("fd12:3456::/32")));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "203.0.113.10",
                "198.51.100.7",
                "10.20.0.1",
                "2606:2800:220:1::1",
                "::ffff:203.0.113.10",
                "2001:4860:4860::8888",
                "2000::1",
                "3fff:ffff::1",
                "fd12:3456::1",
            })
    void thePublicAndThePrivateAnAdministratorNamesAreReached(String address) {
        assertThat(PUBLIC.contain(InetAddress.ofLiteral(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.96.0.1",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "100.64.0.1",
                "127.0.0.1",
                "0.0.0.0",
                "169.254.169.254",
                "100.100.100.200",
                "168.63.129.16",
                "224.0.0.1",
                "255.255.255.255",
                "203.0.113.200",
                "::",
                "::1",
                "::ffff:169.254.169.254",
                "::ffff:10.0.0.1",
                "::a00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::1",
                "2002:a00:1::1",
                "2001:0:a00:1::1",
                "::ffff:0:a00:1",
                "100::1",
                "1fff::1",
                "4000::1",
                "5f00::1",
                "a000::1",
                "fec0::1",
                "fe80::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "2001:db8:1::5",
            })
    void privateClusterAndReservedAddressesAreNot(String address) {
        assertThat(PUBLIC.contain(InetAddress.ofLiteral(address))).isFalse();
    }
}
