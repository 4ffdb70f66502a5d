package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.denyHosts;
import static dev.corral.operator.policy.Wording.hosts;
import static dev.corral.operator.policy.Wording.services;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Ports;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is taken away inside a grant that stands: holes in a block of addresses, and what a service's name means. */
class GivenTest {
    private static EffectivePermissions block(Wording.Entry... denies) {
        return aPluginAsking(cidrs("203.0.113.0/24:443"))
                .with(policy("docs", cidrs("203.0.113.0/24:443")).denying(denies))
                .granted();
    }

    private static EffectivePermissions service(String label) {
        return aPluginAsking(services("db"))
                .with(policy("docs", services("db"))
                        .defining(new ServiceDefinition(
                                "db", "data", new TreeMap<>(Map.of("app", label)), List.of(Ports.tcp(5432)))))
                .granted();
    }

    @Test
    void aHoleThatIsNewIsMissed() {
        assertThat(block().record().missingFrom(block(cidrs("203.0.113.77/32:443"))))
                .containsExactly("network.cidrs 203.0.113.0/24:443");
        assertThat(block(cidrs("203.0.113.64/28:443")).record().missingFrom(block(cidrs("203.0.113.64/27:443"))))
                .hasSize(1);
    }

    @Test
    void aHoleThatClosesIsNot() {
        assertThat(block(cidrs("203.0.113.77/32:443")).record().missingFrom(block()))
                .isEmpty();
        assertThat(block(cidrs("203.0.113.64/27:443")).record().missingFrom(block(cidrs("203.0.113.64/28:443"))))
                .isEmpty();
    }

    @Test
    void aHostThatIsNewlyDeniedInsideAGrantIsMissedAndOneThatTheRunDeniedItselfIsNot() {
        assertThat(names().record().missingFrom(names())).isEmpty();
        assertThat(names().record().missingFrom(names(hosts("secret.example.org"))))
                .containsExactly("what is denied now: network.denyHosts secret.example.org:443");
        assertThat(names(hosts("secret.example.org")).record().missingFrom(names()))
                .isEmpty();
        assertThat(names(hosts("secret.example.org")).record().text())
                .contains("denies: [\"network.denyHosts secret.example.org:443\"]");
        assertThat(names().record().denies()).isEmpty(); // its own deny is among its permissions
    }

    private static EffectivePermissions names(Wording.Entry... denies) {
        return aPluginAsking(hosts("*.example.org"), denyHosts("own.example.org"))
                .with(policy("docs", hosts("*.example.org")).denying(denies))
                .granted();
    }

    @Test
    void aNameThatMeansOtherPodsIsMissed() {
        assertThat(service("postgres").record().missingFrom(service("postgres")))
                .isEmpty();
        assertThat(service("postgres").record().missingFrom(service("mysql"))).hasSize(1);
    }
}
