package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.operator.clusterit.Run.End;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Packets of plugin pods. An address is only said to be closed when an ordinary pod of the same namespace reaches it; and of what must
 * not leave the cluster, the pretended internet says that nothing came.
 */
class NetworkClusterIT {
    @RegisterExtension
    static final Team team = Team.governed("network", """
            grants:
              network:
                cidrs: ["203.0.113.0/24:80", "203.0.113.10/32:53/udp", "0.0.0.0/0:*", "169.254.0.0/16:80", "::/0:*", "fd00:ec2::/32:80"]
                peers: ["app=friend:8080"]
              limits: {timeout: 2m, memory: 64Mi}
            """);

    private static final String GRANTED = "203.0.113.10:80";
    private static final String GRANTED6 = "[2001:db8:113::10]:80";
    /** Pods whose first packets are counted, so many at once that a node has room. */
    private static final int STARTS = Boolean.getBoolean("corral.full") ? 500 : 50;

    private static final int AT_ONCE = 25;
    private static final List<String> HTTPD = List.of("/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/bin");

    private static String friend = "";
    private static String friend6 = "";
    private static String stranger = "";
    private static String ledger = "";
    /** Every one of them open for an ordinary pod. */
    private static List<String> elsewhere = List.of();
    /** Ports of the gateway that are shut for an ordinary pod. */
    private static List<String> launchers = List.of();
    /** Whether the machine, and so the cluster, has IPv6. */
    private static boolean six;

    @BeforeAll
    static void listen() {
        var other = team.makeNamespace(team.namespace() + "-other");
        team.govern("services", """
                grants: {network: {services: [ledger]}}
                services:
                  - {name: ledger, namespace: %s, podLabels: {app: ledger}, ports: ["8080"]}
                """.formatted(other));
        var friendPod = team.ordinaryPod("friend", "plugin-shell", HTTPD);
        friend = address(friendPod);
        friend6 = "[" + friendPod.getStatus().getPodIPs().getLast().getIp() + "]";
        stranger = address(team.ordinaryPod("stranger", "plugin-shell", HTTPD));
        ledger = address(team.ordinaryPod(other, "ledger", "plugin-shell", HTTPD));
        var gateway = team.gatewayAddress();
        launchers = List.of(gateway + ":8443", gateway + ":8445");
        var nodes = team.client().nodes().list().getItems().getFirst().getStatus().getAddresses().stream()
                .filter(address -> address.getType().equals("InternalIP"))
                .map(NodeAddress::getAddress)
                .toList();
        var node = nodes.getFirst();
        var apiServer = team.client()
                .services()
                .inNamespace("default")
                .withName("kubernetes")
                .get()
                .getSpec()
                .getClusterIP();
        elsewhere = new ArrayList<>(List.of(
                "203.0.113.10:443",
                "203.0.113.20:80",
                "169.254.169.254:80",
                "udp:203.0.113.10:53",
                "udp:203.0.113.20:53",
                apiServer + ":443",
                node + ":6443",
                node + ":10250",
                gateway + ":8444",
                gateway + ":9443",
                friend + ":8080",
                stranger + ":8080",
                ledger + ":8080"));
        six = nodes.size() > 1;
        if (six) {
            elsewhere.addAll(List.of(
                    "[2001:db8:113::20]:80",
                    "[fd00:ec2::254]:80",
                    "[" + nodes.getLast() + "]:6443",
                    "[" + nodes.getLast() + "]:10250",
                    friend6 + ":8080"));
        }
    }

    @Test
    void ordinaryPodReachesAllOfItButLaunchersPortsSoThatClosedMeansClosedByUs() {
        var targets = new ArrayList<>(elsewhere);
        targets.addAll(launchers);
        var pod = team.ordinaryPod("control", "probe", rawConnect(targets));

        assertThat(seenBy(team.namespace(), "control"))
                .hasSize(targets.size())
                .allSatisfy((address, seen) -> assertThat(seen.equals("open"))
                        .as(address + " " + seen)
                        .isNotEqualTo(launchers.contains(address)));
        var arrived = team.cluster().outsideSaw(pod);
        assertThat(arrived).anyMatch(line -> line.contains("169.254.169.254:80"));
        if (six) {
            assertThat(arrived).anyMatch(line -> line.contains("[fd00:ec2::254]:80"));
        }
    }

    @Test
    void grantedAddressAndPortAreReachableAndNothingElseIs() {
        var end = connect("one-address", "network: {cidrs: ['203.0.113.10/32:80']}", elsewhere, GRANTED);

        onlyOpen(end, GRANTED);
        assertThat(arrived(end)).isNotEmpty().allMatch(line -> line.contains("\"local\":\"" + GRANTED + "\""));
    }

    @Test
    void grantOfIPv6OpensThatAddressAndNothingElse() {
        assumeTrue(six, "this machine has no IPv6");
        var end = connect("one-address6", "network: {cidrs: ['2001:db8:113::10/128:80']}", elsewhere, GRANTED6);

        onlyOpen(end, GRANTED6);
        assertThat(arrived(end)).isNotEmpty().allMatch(line -> line.contains("\"local\":\"" + GRANTED6 + "\""));
    }

    @Test
    void pluginThatAsksForNothingReachesNothing() {
        var end = connect("nothing", "{}", elsewhere, GRANTED, GRANTED6);

        onlyOpen(end);
        assertThat(arrived(end)).isEmpty();
    }

    @Test
    void peersServicesAndUdpAreOpenedOneByOne() {
        var peer = connect("peer", "network: {peers: ['app=friend:8080']}", elsewhere, GRANTED);
        var service = connect("service", "network: {services: [ledger]}", elsewhere, GRANTED);
        var dns = connect("dns", "network: {cidrs: ['203.0.113.10/32:53/udp']}", elsewhere, GRANTED);

        onlyOpen(peer, six ? new String[] {friend + ":8080", friend6 + ":8080"} : new String[] {friend + ":8080"});
        onlyOpen(service, ledger + ":8080");
        onlyOpen(dns, "udp:203.0.113.10:53");
    }

    @Test
    void grantOfEverythingStillLeavesOutTheClusterAndTheMetadataService() {
        var end = connect("everything", "network: {cidrs: ['0.0.0.0/0:*']}", elsewhere, GRANTED);

        onlyOpen(end, GRANTED, "203.0.113.20:80", "203.0.113.10:443");
        assertThat(arrived(end)).noneMatch(line -> line.contains("169.254."));
    }

    @Test
    void grantOfAllOfIPv6StillLeavesOutTheClusterAndTheMetadataService() {
        assumeTrue(six, "this machine has no IPv6");
        var end = connect("everything6", "network: {cidrs: ['::/0:*']}", elsewhere, GRANTED6);

        onlyOpen(end, GRANTED6, "[2001:db8:113::20]:80");
        assertThat(arrived(end)).noneMatch(line -> line.contains("[fd00:"));
    }

    @Test
    void metadataRangeCannotBeAskedForThoughAPolicyGrantsIt() {
        var end = team.probe("metadata", "connect", "169.254.169.254:80")
                .asks("network: {cidrs: ['169.254.169.254/32:80']}")
                .start()
                .ends(ConditionReason.Denied);

        assertThat(end.message()).contains("169.254");
    }

    /** The way to the gateway is gone with it: after two minutes the launcher gives up, and its sealed report comes by the kubelet. */
    @Test
    void runWhoseWayIsCutOffStillReports() {
        var run = team.shell("cut-off", """
                        until fetch http://203.0.113.20/open/$CORRAL_NAMESPACE >/dev/null 2>&1; do sleep 0.1; done
                        while timeout 3 fetch http://203.0.113.20/still/$CORRAL_NAMESPACE >/dev/null 2>&1; do sleep 0.1; done
                        printf '{"closed": true}' > $CORRAL_RESULT
                        """)
                .asks("network: {cidrs: ['203.0.113.20/32:80']}")
                .start();
        await("the way is open")
                .atMost(Duration.ofMinutes(2))
                .until(() -> !team.cluster()
                        .outsideHeard("/still/" + team.namespace())
                        .isEmpty());

        team.apply("""
                apiVersion: cilium.io/v2
                kind: CiliumNetworkPolicy
                metadata: {name: cut-off, namespace: $NAMESPACE}
                spec: {endpointSelector: {}, egressDeny: [{toEntities: [all]}]}
                """);
        try {
            assertThat(run.ends(ConditionReason.HandlerReturned)
                            .result()
                            .get("closed")
                            .asBoolean())
                    .isTrue();
        } finally {
            team.client()
                    .genericKubernetesResources("cilium.io/v2", "CiliumNetworkPolicy")
                    .inNamespace(team.namespace())
                    .withName("cut-off")
                    .delete();
        }
    }

    /** A run is what it was granted, also when somebody with all rights takes something of that away. */
    @Test
    void runWhosePolicyIsTakenAwayHasItAgain() {
        var run = team.shell(
                        "robbed",
                        "until fetch http://203.0.113.20/go/$CORRAL_NAMESPACE >/dev/null 2>&1; do sleep 0.1; done; sleep 20")
                .asks("network: {cidrs: ['203.0.113.20/32:80']}")
                .start();
        run.untilStarted();
        var pod = podOf(run.resource().get().getStatus().attempt().pod());
        try (var planter = team.cluster().as(LocalCluster.PLANTER)) {
            var policy = planter.network()
                    .v1()
                    .networkPolicies()
                    .inNamespace(team.namespace())
                    .withName("corral-class-" + pod.getMetadata().getLabels().get("corral.dev/network-class"));
            var before = policy.get().getMetadata().getUid();
            policy.delete();
            await("the policy written anew")
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> policy.get() != null
                            && !policy.get().getMetadata().getUid().equals(before));
        }
        run.ends(ConditionReason.HandlerReturned);
        assertThat(run.events()).anyMatch(event -> "NetworkPolicyCorrected".equals(event.getReason()));
    }

    /**
     * No launcher, no waiting for proof: the connects are the first thing the only process of the pod does. The pods differ from real ones
     * only in that program: labels, account, security context and the two policies are copied from a run, and are laid down in the same
     * order. Only an account the chart exempts from its guards can plant them.
     */
    @Test
    void notOnePacketOfAPluginPodGoesAstrayFromItsFirstInstructionOn() {
        var model = connect("model", "network: {cidrs: ['203.0.113.10/32:80']}", List.of(), GRANTED);
        var pattern = podOf(model.status().attempt().pod()); // now: both are gone long before the last of 500 starts
        var policies = RawPods.policiesOf(team, pattern);
        var targets = new ArrayList<>(elsewhere);
        targets.add(GRANTED);
        var open = new TreeMap<String, Integer>();
        var astray = new ArrayList<String>();
        for (var batch = 0; batch * AT_ONCE < STARTS; batch++) {
            var namespace = team.makeNamespace(team.namespace() + "-raw-" + batch);
            var raw = new RawPods(team, namespace, pattern, policies, rawConnect(targets));
            for (var pod : raw.plant(AT_ONCE)) {
                seenBy(namespace, pod.getMetadata().getName()).forEach((address, seen) -> {
                    if (seen.equals("open")) {
                        open.merge(address, 1, Integer::sum);
                    }
                });
                team.cluster().outsideSaw(pod).stream()
                        .filter(line -> !line.contains("\"local\":\"" + GRANTED + "\""))
                        .forEach(astray::add);
            }
            raw.clear();
        }
        System.out.println("first packet: " + STARTS + " starts, " + targets.size() + " addresses each, open: " + open
                + ", arrived elsewhere: " + astray.size());
        assertThat(astray).isEmpty();
        assertThat(open).containsOnlyKeys(GRANTED);
        assertThat(open.get(GRANTED)).as("pods that reached what was granted").isPositive();
    }

    private static End connect(String name, String asks, List<String> closed, String... also) {
        var targets = new ArrayList<>(List.of("connect"));
        targets.addAll(closed);
        targets.addAll(List.of(also));
        return team.probe(name, targets.toArray(String[]::new))
                .asks(asks)
                .start()
                .ends(ConditionReason.HandlerReturned);
    }

    private static void onlyOpen(End end, String... open) {
        var seen = results(end.result());
        assertThat(seen).hasSizeGreaterThanOrEqualTo(elsewhere.size());
        assertThat(seen.entrySet().stream()
                        .filter(entry -> entry.getValue().equals("open"))
                        .map(Map.Entry::getKey))
                .containsExactlyInAnyOrder(open);
    }

    private static List<String> arrived(End end) {
        var pod = podOf(end.status().attempt().pod());
        return team.cluster().outsideSaw(pod);
    }

    private static Map<String, String> seenBy(String namespace, String pod) {
        var log = team.client().pods().inNamespace(namespace).withName(pod);
        await(pod + " has ended")
                .atMost(Duration.ofMinutes(3))
                .until(() -> List.of("Succeeded", "Failed")
                        .contains(log.get().getStatus().getPhase()));
        return results(Serialization.unmarshal(log.getLog(), JsonNode.class));
    }

    private static Map<String, String> results(JsonNode answer) {
        var seen = new TreeMap<String, String>();
        answer.get("connects")
                .forEach(row ->
                        seen.put(row.get("addr").asText(), row.get("result").asText()));
        return seen;
    }

    private static List<String> rawConnect(List<String> targets) {
        var command = new ArrayList<>(List.of("/probe", "rawconnect"));
        command.addAll(targets);
        return command;
    }

    private static Pod podOf(String name) {
        return team.client().pods().inNamespace(team.namespace()).withName(name).get();
    }

    private static String address(Pod pod) {
        return pod.getStatus().getPodIP();
    }
}
