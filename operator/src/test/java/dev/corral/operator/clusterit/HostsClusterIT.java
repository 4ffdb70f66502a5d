package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.api.v1alpha1.RefusedConnection;
import dev.corral.operator.clusterit.Run.End;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Host names, from inside plugin pods. The pretended internet's resolver answers every name: {@code 10-96-0-1.…} is the address it reads
 * like and {@code metadata.…} the metadata service, as an owner of a name could make it.
 */
class HostsClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("hosts", """
            network:
              hosts: ["*.example.org:*", "*.example.net:443"]
              cidrs: ["203.0.113.20/32:443", "203.0.113.20/32:8445"]
            limits: {timeout: 3m, memory: 64Mi, cpu: "2"}
            """);

    private static String gateway = "";
    private static String pod = "";

    @BeforeAll
    static void listen() {
        gateway = team.gatewayAddress();
        pod = team.ordinaryPod(
                        "inside", "plugin-shell", List.of("/bin/busybox", "httpd", "-f", "-p", "443", "-h", "/bin"))
                .getStatus()
                .getPodIP();
    }

    @Test
    void grantedNamesAreReachedAndNothingElseIs() {
        var end = reach(
                "names",
                """
                network:
                  hosts: [api.example.org, "api.example.org:80", "*.wild.example.org"]
                  denyHosts: [secret.wild.example.org]
                """,
                Map.ofEntries(
                        Map.entry("get:https://api.example.org/hosts-it", "200"),
                        Map.entry("get:http://api.example.org/hosts-it", "200"),
                        Map.entry("get:https://any.thing.wild.example.org/hosts-it", "200"),
                        Map.entry("tls:api.example.org:443=api.example.org", "tls ok"),
                        Map.entry("connect:evil.example.org:443", "403"),
                        Map.entry("get:http://evil.example.org/", "403"),
                        Map.entry("connect:wild.example.org:443", "403"),
                        Map.entry("connect:api.example.org:8080", "403"),
                        Map.entry("connect:secret.wild.example.org:443", "403"),
                        Map.entry("connect:203.0.113.10:443", "403"),
                        Map.entry(
                                "direct:203.0.113.10:443",
                                "timeout"), // open to Landlock for the name on loopback, shut by the network
                        Map.entry("direct:203.0.113.20:8445", "EACCES"),
                        Map.entry("direct:" + gateway + ":8443", "EACCES"),
                        Map.entry("direct:" + gateway + ":8445", "EACCES")));

        assertThat(refused(end))
                .containsEntry("evil.example.org:443", "HostNotGranted")
                .containsEntry("evil.example.org:80", "HostNotGranted")
                .containsEntry("wild.example.org:443", "HostNotGranted")
                .containsEntry("api.example.org:8080", "HostNotGranted")
                .containsEntry("secret.wild.example.org:443", "HostDenied")
                .containsEntry("203.0.113.10:443", "NotAHostName")
                .hasSize(6);
        assertThat(lines(end))
                .filteredOn(line -> line.host().equals("evil.example.org:443"))
                .singleElement()
                .satisfies(
                        line -> assertThat(line.allow()).isEqualTo("{network: {hosts: [\"evil.example.org:443\"]}}"));
        assertThat(end.run().event("HostRefused").getNote()).contains("was refused");
        var row = row(end);
        assertThat(row.state()).isEqualTo(EnforcementState.Enforced);
        assertThat(row.mechanism()).contains("SNI").contains("Landlock");
        assertThat(team.cluster().outsideHeard("\"path\":\"/hosts-it\"")).hasSizeGreaterThanOrEqualTo(3);
        // not even asked for
        assertThat(team.cluster().outsideHeard("evil.example.org")).isEmpty();
        assertThat(team.cluster().outsideHeard("secret.wild.example.org")).isEmpty();
    }

    @Test
    void whatTheClientSaysMustBeTheNameItAskedFor() {
        var end = reach(
                "mismatch",
                "network: {hosts: ['front.example.org:*']}",
                Map.of(
                        "tls:front.example.org:443=front.example.org", "tls ok",
                        "tls:front.example.org:443=behind.example.org", "cut",
                        "plain:front.example.org:80=front.example.org", "200",
                        "plain:front.example.org:80=behind.example.org", "cut",
                        "plain:front.example.org:443=front.example.org", "cut"));

        assertThat(lines(end))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line.reason()).isEqualTo("NameMismatch"));
        assertThat(team.cluster().outsideHeard("behind.example.org")).isEmpty();
    }

    @Test
    void namesThatLeadInsideAreRefusedThoughTheyAreGranted() {
        var inside = pod.replace('.', '-') + ".example.org";
        var end = reach(
                "inside",
                "network: {hosts: ['*.example.org:*']}",
                Map.of(
                        "connect:metadata.example.org:80",
                        "403",
                        "connect:169-254-169-254.example.org:80",
                        "403",
                        "connect:10-96-0-1.example.org:443",
                        "403",
                        "connect:127-0-0-1.example.org:8443",
                        "403",
                        "connect:198-51-100-1.example.org:6443",
                        "403",
                        "connect:" + inside + ":443",
                        "403",
                        "connect:192-168-1-1.example.org:443",
                        "403"));

        assertThat(lines(end))
                .hasSize(7)
                .allSatisfy(line -> assertThat(line.reason()).isEqualTo("AddressRefused"));
    }

    /** Landlock knows ports only: these are open to it, so what stops the rest is the network, and at the gateway the session. */
    @Test
    void aroundTheProxyTheNetworkIsShutAndAnotherRunsSessionIsNoUse() {
        var other = team.probe("victim", "sleep", "60")
                .asks("network: {hosts: [api.example.org]}")
                .start();
        var attempt = other.untilStarted().getStatus().attempt();
        var theirs = "Corral " + attempt.podUID() + "/" + attempt.session() + "/" + "0".repeat(64);
        var end = reach(
                "around",
                "network: {hosts: [api.example.org], cidrs: ['203.0.113.20/32:443', '203.0.113.20/32:8445']}",
                Map.of(
                        "direct:203.0.113.20:443",
                        "open",
                        "direct:203.0.113.10:443",
                        "timeout",
                        "steal:" + gateway + ":8445=" + theirs,
                        "401"));
        other.cancel();

        assertThat(row(end).state()).isEqualTo(EnforcementState.Enforced);
    }

    @Test
    void withoutHostNamesTheGatewaysPortForThemIsShutAndThereIsNoProxy() {
        reach(
                "without",
                "network: {cidrs: ['203.0.113.20/32:443']}",
                Map.of(
                        "direct:203.0.113.20:443",
                        "open",
                        "direct:" + gateway + ":8445",
                        "timeout",
                        "connect:api.example.org:443",
                        "no proxy"));
    }

    /** As musl, glibc, Go, Java and all others do that read /etc/hosts and no proxy variables. */
    @Test
    void aClientThatKnowsNoProxyReachesGrantedNamesAndNothingElse() {
        var end = reach(
                "unaware",
                "network: {hosts: [api.example.org, 'api.example.org:80', 'front.example.org:443', 'metadata.example.org:443', '*.wild.example.org']}",
                Map.ofEntries(
                        Map.entry("unaware:https://api.example.org/unaware-it", "200"),
                        Map.entry("unaware:http://api.example.org/unaware-it", "200"),
                        Map.entry("greet:front.example.org:443=front.example.org", "tls ok"),
                        Map.entry("greet:front.example.org:443=behind.example.org", "cut"),
                        Map.entry("greet:api.example.org:443=evil.example.org", "cut"),
                        Map.entry("greet:metadata.example.org:443=metadata.example.org", "cut"),
                        Map.entry("take:127.64.0.1:443", "EADDRINUSE"),
                        Map.entry("take:0.0.0.0:79", "EACCES"), // ports below the lowest granted one stay privileged
                        Map.entry("direct:127.64.0.77:443", "refused"),
                        Map.entry("direct:127.64.0.1:8080", "EACCES"),
                        // Landlock has port 443 open now, for every address: the network does not
                        Map.entry("direct:203.0.113.10:443", "timeout"),
                        Map.entry("direct:203.0.113.10:8080", "EACCES")));

        assertThat(lines(end)).hasSize(3);
        assertThat(refusals(end))
                .containsExactlyInAnyOrder(
                        "front.example.org:443 NameMismatch",
                        "api.example.org:443 NameMismatch",
                        "metadata.example.org:443 AddressRefused");
        assertThat(end.run().event("HostRefused").getNote()).contains("was refused");
        assertThat(row(end).state()).isEqualTo(EnforcementState.Enforced);
        assertThat(team.cluster().outsideHeard("\"path\":\"/unaware-it\"")).hasSizeGreaterThanOrEqualTo(2);
        assertThat(team.cluster().outsideHeard("behind.example.org")).isEmpty();
        // a name that is not granted has no address at all
        var unknown = team.probe("unknown", "hosts", "greet:evil.example.org:443=evil.example.org")
                .asks("network: {hosts: [api.example.org]}")
                .start()
                .ends(ConditionReason.HandlerReturned);
        assertThat(unknown.result().get("answers").toString()).doesNotContain("tls ok");
        assertThat(team.cluster().outsideHeard("evil.example.org")).isEmpty();
    }

    @Test
    void whatAPolicyDeniesInsideAGrantIsRefusedByTheGatewayWithItsRule() {
        // a domain of its own: the tests run at once, and a run that is granted what is denied from now on is stopped
        team.govern("barring", "denies: {network: {hosts: ['barred.example.net:1-65535']}}");
        var end = reach(
                "barred",
                "network: {hosts: ['*.example.net:443']}",
                Map.of(
                        "connect:barred.example.net:443",
                        "403",
                        "tls:other.example.net:443=other.example.net",
                        "tls ok"));

        assertThat(lines(end)).singleElement().satisfies(line -> {
            assertThat(line.reason()).isEqualTo("HostDenied");
            assertThat(line.message()).contains("barred.example.net:* ← ClusterPluginPolicy/");
        });
        assertThat(team.cluster().outsideHeard("barred.example.net")).isEmpty();
    }

    /** What is on its way at once must find room: with a smaller limit one fast download had the gateway killed, and all its tunnels. */
    @Test
    void aFastDownloadLeavesTheGatewayUp() {
        var before = gatewayStarts();
        var end = team.probe("fast", "transfer", "proxy", "https://api.example.org", "1", "512")
                .asks("{network: {hosts: [api.example.org]}, limits: {cpu: '2'}}")
                .start()
                .ends(ConditionReason.HandlerReturned);
        assertThat(end.result().get("mebibytesPerSecond").asDouble()).isPositive();
        assertThat(gatewayStarts()).isEqualTo(before);
    }

    /** Whoever asks for much and takes nothing: it waits where it comes from, not in the gateway. Two runs with all the tunnels they may have. */
    @Test
    void clientsThatDoNotReadLeaveTheGatewayUp() {
        var before = gatewayStarts();
        var runs = Stream.of("stalled-1", "stalled-2")
                .map(name -> team.probe(name, "stall", "api.example.org:80", "32", "20")
                        .asks("network: {hosts: ['api.example.org:80']}")
                        .start())
                .toList();

        assertThat(runs)
                .allSatisfy(run -> assertThat(run.ends(ConditionReason.HandlerReturned)
                                .result()
                                .get("alive")
                                .asInt())
                        .isEqualTo(32));
        assertThat(gatewayStarts()).isEqualTo(before);
    }

    /** How often each of the gateway's pods was started, by its UID. */
    private static Map<String, Integer> gatewayStarts() {
        return team
                .client()
                .pods()
                .inNamespace(LocalCluster.SYSTEM)
                .withLabel("app.kubernetes.io/component", "gateway")
                .list()
                .getItems()
                .stream()
                .collect(Collectors.toMap(
                        pod -> pod.getMetadata().getUid(),
                        pod -> pod.getStatus().getContainerStatuses().getFirst().getRestartCount()));
    }

    private static List<String> refusals(End end) {
        return lines(end).stream()
                .map(line -> line.host() + " " + line.reason())
                .toList();
    }

    private static End reach(String name, String asks, Map<String, String> expected) {
        var arguments = new TreeMap<>(expected).keySet().stream().toList();
        var command = new ArrayList<>(List.of("hosts"));
        command.addAll(arguments);
        var end = team.probe(name, command.toArray(String[]::new))
                .asks(asks)
                .start()
                .ends(ConditionReason.HandlerReturned);
        var answers = new TreeMap<String, String>();
        end.result()
                .get("answers")
                .properties()
                .forEach(field -> answers.put(field.getKey(), field.getValue().asText()));
        assertThat(answers).as(() -> end.result().toString()).isEqualTo(new TreeMap<>(expected));
        return end;
    }

    private static EnforcementStatus row(End end) {
        return Objects.requireNonNull(end.status().enforcement()).stream()
                .filter(row -> row.permission().equals("network.hosts"))
                .findFirst()
                .orElseThrow();
    }

    private static List<RefusedConnection> lines(End end) {
        return Objects.requireNonNullElse(end.status().report().refused(), List.<RefusedConnection>of());
    }

    private static Map<String, String> refused(End end) {
        return lines(end).stream().collect(Collectors.toMap(RefusedConnection::host, RefusedConnection::reason));
    }
}
