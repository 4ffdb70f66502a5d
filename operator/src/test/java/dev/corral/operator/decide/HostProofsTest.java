package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.operator.observe.Evidence;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.policy.EffectivePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a status says of host names: no more than the launcher and the closed network show. */
class HostProofsTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String GATEWAY = "gateway: CONNECT = SNI or Host, pinned public address";
    private static final String PROXY =
            "launcher: '0.1.0', landlockAbi: 7, sentinel: {reachable: false}, proxy: {rules: 3}";

    @Test
    void withoutHostsThereIsNothingToProve() {
        assertThat(HostProofs.rows(granting(), evidence(PROXY), EnforcementState.Enforced))
                .isEmpty();
    }

    @Test
    void theProxyAndTheClosedNetworkTogetherEnforceThem() {
        assertThat(row(PROXY, EnforcementState.Enforced))
                .isEqualTo(new EnforcementStatus(
                        "network.hosts",
                        EnforcementState.Enforced,
                        GATEWAY + "; NetworkPolicy; Landlock ABI 7",
                        "2 granted, 1 denied; TCP connects to 3 ports, the proxy's among them",
                        null));
    }

    @Test
    void whereTheNetworkIsOpenAHandlerGoesAroundTheProxy() {
        assertThat(row(PROXY, EnforcementState.NotEnforced))
                .isEqualTo(notEnforced("the network policy is not enforced: a handler can go around the proxy"));
    }

    @Test
    void whatTheKernelDoesNotHoldOfThePortsIsSaid() {
        assertThat(row(
                        "launcher: '0.1.0', landlockAbi: 3, proxy: {rules: 0, partial: [no TCP rules before ABI 4, more]}",
                        EnforcementState.Enforced))
                .isEqualTo(new EnforcementStatus(
                        "network.hosts",
                        EnforcementState.Partial,
                        GATEWAY + "; NetworkPolicy",
                        "2 granted, 1 denied",
                        "no TCP rules before ABI 4; more"));
        assertThat(row("launcher: '0.1.0', landlockAbi: 7, proxy: {rules: 3, partial: []}", EnforcementState.Enforced)
                        .state())
                .as("nothing is left out")
                .isEqualTo(EnforcementState.Enforced);
    }

    @Test
    void aLauncherThatSaysNothingOfAProxyHasNone() {
        assertThat(row("launcher: '0.1.0', landlockAbi: 7", EnforcementState.Enforced))
                .isEqualTo(notEnforced("the launcher has no proxy"));
        assertThat(row("launcher: '0.1.0', landlockAbi: 7, proxy: {}", EnforcementState.Enforced))
                .isEqualTo(notEnforced("the launcher has no proxy"));
        assertThat(row("", EnforcementState.NotEnforced)).isEqualTo(notEnforced("not started: no evidence yet"));
    }

    /** Hosts stand or fall with the network, so a policy says of both by one word that they may be unproven. */
    @Test
    void unprovenHostsStopTheRunUnlessThePolicyToleratesTheNetwork() {
        var evidence = evidence("launcher: '0.1.0', landlockAbi: 7, sentinel: {reachable: false}");
        assertThat(Proofs.of(granting("a.example.org"), evidence).missing()).contains("network.hosts");
        var tolerating = Proofs.of(granting(Set.of("network"), "a.example.org"), evidence);
        assertThat(tolerating.missing()).doesNotContain("network.hosts");
        assertThat(tolerating.tolerated()).contains("network.hosts");
    }

    @Test
    void aRunWithUnprovenHostsLivesByThatTolerance() {
        var evidence = evidence("launcher: '0.1.0', landlockAbi: 7, sentinel: {reachable: false}");
        var rows = Proofs.of(granting(Set.of("network"), "a.example.org"), evidence).rows().stream()
                .filter(row -> row.permission().startsWith("network"))
                .toList();

        assertThat(Proofs.unproven(rows)).containsExactly("network");
    }

    private static EnforcementStatus row(String evidence, EnforcementState network) {
        var rows = HostProofs.rows(granting("a.example.org", "b.example.org"), evidence(evidence), network);
        assertThat(rows).hasSize(1);
        return rows.getFirst();
    }

    private static EnforcementStatus notEnforced(String why) {
        return new EnforcementStatus("network.hosts", EnforcementState.NotEnforced, GATEWAY, null, why);
    }

    private static EffectivePermissions granting(String... hosts) {
        return granting(Set.of(), hosts);
    }

    private static EffectivePermissions granting(Set<String> tolerated, String... hosts) {
        var nothing = EffectivePermissions.NOTHING;
        return new EffectivePermissions(
                patterns(hosts),
                hosts.length == 0 ? List.of() : patterns("denied.example.org"),
                nothing.cidrs(),
                nothing.peers(),
                nothing.services(),
                nothing.env(),
                nothing.secrets(),
                nothing.artifacts(),
                nothing.claims(),
                nothing.files(),
                nothing.produce(),
                nothing.limits(),
                nothing.placement(),
                nothing.pullSecrets(),
                new TreeSet<>(tolerated),
                nothing.learns(),
                nothing.given(),
                nothing.lines(),
                nothing.refs());
    }

    private static Evidence evidence(String fields) {
        try {
            return YAML.readValue("{" + fields + "}", Evidence.class);
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(malformed);
        }
    }

    private static List<HostPattern> patterns(String... hosts) {
        return Stream.of(hosts)
                .map(host -> HostPattern.parse(host, "").orElseThrow())
                .toList();
    }
}
