package dev.corral.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.policy.Granted;
import io.fabric8.kubernetes.api.model.HostAlias;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LoopbackNamesTest {
    private static LoopbackNames names(String... hosts) {
        return LoopbackNames.of(Granted.hosts(Stream.of(hosts)
                .map(host -> HostPattern.parse(host, "").orElseThrow())
                .toList()));
    }

    @Test
    void everyNameHasAnAddressOfItsOwnAndAWildcardHasNone() {
        var names = names("b.example.org:8443", "a.example.org:80", "a.example.org", "*.example.org:*");
        assertThat(names.aliases())
                .containsExactly(
                        new HostAlias(List.of("a.example.org"), "127.64.0.1"),
                        new HostAlias(List.of("b.example.org"), "127.64.0.2"));
        assertThat(names.json())
                .isEqualTo("[{\"address\":\"127.64.0.1\",\"name\":\"a.example.org\",\"ports\":[\"80\",\"443\"]},"
                        + "{\"address\":\"127.64.0.2\",\"name\":\"b.example.org\",\"ports\":[\"8443\"]}]");
        assertThat(names.lowestPort()).hasValue(80);
        assertThat(names("b.example.org:8443").lowestPort()).isEmpty();
    }

    /** Two listeners cannot have the same port of the same address. */
    @Test
    void portsThatOverlapAreListenedOnOnce() {
        assertThat(names("a.example.org:8000-8010", "a.example.org:8005-8020", "a.example.org:8021")
                        .names()
                        .getFirst()
                        .ports())
                .containsExactly(Ports.parse("8000-8021", "").orElseThrow());
    }

    @Test
    void aNameOfTooManyPortsIsLeftToTheProxyAndTheOthersAreNot() {
        var names = names("a.example.org:*", "b.example.org:1-100", "c.example.org:1-29", "d.example.org:1-28");
        assertThat(names.names().stream().map(LoopbackNames.Name::name))
                .containsExactly("b.example.org", "d.example.org");
    }
}
