package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ArtifactEndpoint;
import dev.corral.api.v1alpha1.CapabilityStatus;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.operator.decide.ClusterProbe.Outcome;
import dev.corral.operator.observe.SlimPod;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.render.ProbeRenderer;
import dev.corral.operator.render.ProbeRenderer.Probe;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Absence of proof is NotEnforced, whatever is missing: the pods, the control, the closed port. */
class ClusterProbeTest {
    private static final Instant START = Instant.parse("2026-11-23T07:00:00Z");
    private static final List<String> PULL_SECRETS = List.of("registry", "mirror");
    private static final String PROOF = """
            {"session":"s0123456789abcdef","sentinelSawPod":false,"evidence":{"launcher":"0.1.0","uid":23456,"uidMap":"0 1879048192 65536",\
            "capEff":"0000000000000000","noNewPrivs":true,"seccomp":2,"rootReadOnly":true,"landlockAbi":7,"pidsMax":"512","cgroup":"v1",\
            "kernel":"6.18.5","sentinel":{"reachable":REACHED,"answer":"timeout","millis":300,"attempts":TRIES}}}""";

    private static final String UNSCHEDULABLE =
            "{conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: 0/1 nodes}]}";

    private final CorralCluster cluster = new CorralCluster();
    private List<Pod> pods = new ArrayList<>();
    private List<Node> nodes = List.of(node("node-1", "6.18.5"));
    private Installation installation = StoryTest.INSTALLATION.with(LauncherDelivery.InitCopy);
    private Optional<LauncherDelivery> chosen = Optional.empty();
    private ClusterProbe.Served served = new ClusterProbe.Served(NamespaceSelector.ALL, Optional.empty());

    ClusterProbeTest() {
        cluster.setMetadata(new ObjectMetaBuilder()
                .withName("cluster")
                .withUid("cluster-uid")
                .build());
    }

    @Test
    void oneNodeOfEachClassIsProbedWithPodsThatAreClosedInBeforeTheyExist() {
        nodes = List.of(node("node-2", "6.18.5"), node("node-1", "6.18.5"), node("node-3", "6.12.0"), tainted());

        var outcome = decide(START);

        assertThat(made(outcome))
                .hasSize(4)
                .allSatisfy(pod -> {
                    assertThat(pod.getMetadata().getNamespace()).isEqualTo("corral-system");
                    assertThat(pod.getMetadata().getOwnerReferences().getFirst().getKind())
                            .isEqualTo("CorralCluster");
                    assertThat(pod.getSpec().getNodeName()).isNull();
                    // else a private registry makes every node look as if no launcher could be brought there
                    assertThat(pod.getSpec().getImagePullSecrets())
                            .extracting(LocalObjectReference::getName)
                            .containsExactly("mirror", "registry");
                })
                .extracting(pod -> pod.getSpec().getNodeSelector().get("kubernetes.io/hostname"))
                .containsOnly("node-1", "node-3");
        assertThat(outcome.lay().getFirst()).isInstanceOf(Action.ApplyNetworkPolicy.class);
        assertThat(outcome.delivery()).isEqualTo(LauncherDelivery.InitCopy);
        assertThat(outcome.status().orElseThrow().capabilities()).isEmpty();
    }

    @Test
    void closedWhereNothingIsGrantedAndOpenWhereAPolicyOpensItIsProof() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Sandbox, "True", false, 1);
        settle(Probe.Control, "False", true, 20);

        var outcome = decide(START.plusSeconds(9));

        assertThat(rows(outcome))
                .containsEntry("network", EnforcementState.Enforced)
                .containsEntry("networkFirstPacket", EnforcementState.Enforced)
                .containsEntry("privileges", EnforcementState.Enforced)
                .containsEntry("userNamespace", EnforcementState.Enforced)
                .containsEntry("landlock", EnforcementState.Enforced)
                .containsEntry("pidLimit", EnforcementState.Enforced)
                .containsEntry("imageVolume", EnforcementState.Enforced)
                .containsEntry("initCopy", EnforcementState.Enforced);
        assertThat(outcome.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(outcome.clear()).hasSize(2).allMatch(Action.DeletePod.class::isInstance);
        assertThat(outcome.status().orElseThrow().conditions())
                .extracting(c -> c.type() + " " + c.status() + " " + c.reason())
                .containsExactly("LauncherDelivery True ImageVolume", "Ready True Probed");
    }

    /** Kubelets bound the pod's cgroup, and a container sees its own. */
    @Test
    void thatNoBoundOfProcessesIsSeenIsNotTakenForNone() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Sandbox, "True", false, 1);
        settle(Probe.Control, "False", true, 20);
        pods.replaceAll(pod -> new PodBuilder(pod)
                .editStatus()
                .editMatchingCondition(condition -> "corral.dev/SandboxVerified".equals(condition.getType()))
                .withMessage(
                        pod.getStatus().getConditions().getFirst().getMessage().replace("\"512\"", "\"max\""))
                .endCondition()
                .endStatus()
                .build());
        var rows = decide(START.plusSeconds(9)).status().orElseThrow().capabilities();
        assertThat(rows.stream().filter(row -> row.name().equals("pidLimit")))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.state()).isEqualTo(EnforcementState.NotEnforced);
                    assertThat(row.evidence())
                            .contains("is not seen from there")
                            .doesNotContain("sets no");
                });
    }

    @Test
    void whatItServesIsToldToTheOthersAndWhatTheySelectTooToPeople() {
        var two = new NamespaceSelector(Map.of("installation", "two"), null);
        served = new ClusterProbe.Served(two, Optional.of(List.of()));
        var status = decide(START).status().orElseThrow();
        assertThat(status.installation()).isEqualTo("corral-system");
        assertThat(status.namespaces()).isEqualTo(two);
        assertThat(status.conditions())
                .extracting(c -> c.type() + " " + c.status() + " " + c.reason())
                .contains("NamespacesDisjoint True NoneShared");

        served = new ClusterProbe.Served(two, Optional.of(List.of("team-a (corral-two too; corral-system serves it)")));
        assertThat(decide(START).status().orElseThrow().conditions())
                .filteredOn(c -> c.type().equals("NamespacesDisjoint"))
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.status()).isEqualTo("False");
                    assertThat(condition.message())
                            .contains("give them different labels")
                            .contains("team-a (corral-two too; corral-system serves it)");
                });
    }

    @Test
    void aClosedPortProvesNothingWhereTheControlIsClosedToo() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Sandbox, "True", false, 1);
        settle(Probe.Control, "True", false, 1);

        assertThat(rows(decide(START.plusSeconds(9))))
                .containsEntry("network", EnforcementState.NotEnforced)
                .containsEntry("networkFirstPacket", EnforcementState.NotEnforced)
                .containsEntry("userNamespace", EnforcementState.Enforced);
    }

    @Test
    void whereNoLauncherGetsInItIsSaidWhichValueLetsThem() {
        var silent = "{containerStatuses: [{name: plugin, state: {running: {}}}]}";
        pods = new ArrayList<>(decideMade());
        saying(Probe.Sandbox, silent);
        saying(Probe.Control, silent);
        pods.addAll(made(decide(START.plusSeconds(130))));
        saying(Probe.Copied, silent);

        assertThat(decide(START.plusSeconds(260)).status().orElseThrow().capabilities())
                .filteredOn(row -> row.name().equals("network"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.state()).isEqualTo(EnforcementState.NotEnforced);
                    assertThat(row.evidence()).contains("after 2 minutes", "gateway.pluginPodsOnly");
                });
    }

    @Test
    void aPortThatShutsLateIsPartialAndOneThatNeverShutsIsNotEnforced() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Control, "False", true, 20);
        settle(Probe.Sandbox, "True", false, 3);
        assertThat(rows(decide(START.plusSeconds(9))))
                .containsEntry("network", EnforcementState.Enforced)
                .containsEntry("networkFirstPacket", EnforcementState.Partial);

        settle(Probe.Sandbox, "False", true, 20);
        assertThat(rows(decide(START.plusSeconds(9))))
                .containsEntry("network", EnforcementState.NotEnforced)
                .containsEntry("networkFirstPacket", EnforcementState.NotEnforced);
    }

    @Test
    void whereANodeTakesNoImageVolumeTheRestIsProbedWithACopyAndTheReasonIsSaid() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Control, "False", true, 20);
        var waiting = decide(START.plusSeconds(30));
        assertThat(waiting.lay()).isEmpty();
        assertThat(waiting.clear()).isEmpty();

        var late = decide(START.plusSeconds(121)); // the sandbox pod is still being created
        pods.addAll(made(late));
        assertThat(made(late)).hasSize(1);
        settle(Probe.Copied, "True", false, 1);
        var outcome = decide(START.plusSeconds(125));

        assertThat(rows(outcome))
                .containsEntry("imageVolume", EnforcementState.NotEnforced)
                .containsEntry("network", EnforcementState.Enforced)
                .containsEntry("landlock", EnforcementState.Enforced);
        assertThat(outcome.delivery()).isEqualTo(LauncherDelivery.InitCopy);
        assertThat(outcome.status().orElseThrow().conditions().getFirst().message())
                .startsWith("no image volumes on amd64 kernel 6.18.5")
                .contains("not ready after 2 minutes");
    }

    @Test
    void whatWasProbedIsToldSinceWhenAndProbedAgainAfterAnHourAndAfterARestart() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Sandbox, "True", false, 1);
        settle(Probe.Control, "False", true, 20);
        cluster.setStatus(decide(START.plusSeconds(9)).status().orElseThrow());
        pods = List.of();

        var quiet = decide(START.plusSeconds(60));
        assertThat(quiet.lay()).isEmpty();
        assertThat(quiet.status()).isEmpty();
        assertThat(quiet.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(quiet.lookAgain()).isEqualTo(Duration.ofSeconds(3600 - 51));

        assertThat(made(decide(START.plusSeconds(3609)))).hasSize(2);
        var restarted = decide(START.plusSeconds(60), START.plusSeconds(50));
        assertThat(made(restarted)).hasSize(2);
        assertThat(restarted.delivery()).isEqualTo(LauncherDelivery.ImageVolume);

        pods = new ArrayList<>(made(restarted));
        settle(Probe.Sandbox, "True", false, 1);
        settle(Probe.Control, "False", true, 20);
        assertThat(decide(START.plusSeconds(70), START.plusSeconds(50))
                        .status()
                        .orElseThrow()
                        .capabilities())
                .allSatisfy(row -> {
                    assertThat(row.since()).isEqualTo("2026-11-23T07:00:09Z");
                    assertThat(row.lastSeen()).isEqualTo("2026-11-23T07:01:10Z");
                });
    }

    @Test
    void aNewClassOfNodesIsProbedAndHoldsImageVolumesBackUntilItIs() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Sandbox, "True", false, 1);
        settle(Probe.Control, "False", true, 20);
        cluster.setStatus(decide(START.plusSeconds(9)).status().orElseThrow());
        pods = List.of();
        nodes = List.of(node("node-1", "6.18.5"), node("node-9", "5.10.0"));

        var outcome = decide(START.plusSeconds(60));

        assertThat(made(outcome)).hasSize(2);
        assertThat(outcome.delivery()).isEqualTo(LauncherDelivery.InitCopy);
        chosen = Optional.of(LauncherDelivery.ImageVolume);
        assertThat(decide(START.plusSeconds(60)).delivery()).isEqualTo(LauncherDelivery.ImageVolume);
    }

    @Test
    void aNodeThatHadNoRoomIsStillTheNodeItWas() {
        proven();
        var hourly = START.plus(Duration.ofMinutes(61));
        pods = new ArrayList<>(made(decide(hourly), hourly));
        saying(Probe.Sandbox, UNSCHEDULABLE);
        saying(Probe.Control, UNSCHEDULABLE);

        var late = decide(hourly.plusSeconds(130));
        assertThat(late.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(late.clear()).as("there may be room in a minute").isEmpty();
        var over = decide(hourly.plusSeconds(181));
        assertThat(over.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(over.status()).as("nothing was seen").isEmpty();
        assertThat(over.clear()).as("to be tried again").hasSize(2);
        pods = List.of();
        assertThat(made(decide(hourly.plusSeconds(185)))).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{phase: Pending}",
                "{containerStatuses: [{name: plugin, state: {waiting: {reason: ErrImagePull, message: why}}}]}",
                "{phase: Failed, reason: Evicted, message: The node was low on memory}",
                "{phase: Failed, reason: Evicted, message: The node was low on disk}",
                "{phase: Failed, reason: OutOfcpu}",
                "{phase: Failed, reason: DeadlineExceeded}",
                "{phase: Unknown}",
            })
    void whatSaysNothingOfANodeChangesNothingWhereItWasProbedBefore(String status) {
        proven();
        var hourly = START.plus(Duration.ofMinutes(61));
        pods = new ArrayList<>(made(decide(hourly), hourly));
        saying(Probe.Sandbox, status);
        settle(Probe.Control, "False", true, 20);

        var outcome = decide(hourly.plusSeconds(181));

        assertThat(rows(outcome)).containsEntry("initCopy", EnforcementState.Enforced);
        assertThat(rows(outcome).values()).containsOnly(EnforcementState.Enforced);
        assertThat(outcome.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(outcome.status().orElseThrow().capabilities())
                .filteredOn(row -> row.name().equals("imageVolume"))
                .singleElement()
                .satisfies(row -> assertThat(row.lastSeen()).isEqualTo("2026-11-23T07:00:09Z"));
        cluster.setStatus(null);
        assertThat(decide(hourly.plusSeconds(181)).delivery())
                .as("not where nothing was ever seen")
                .isEqualTo(LauncherDelivery.InitCopy);
    }

    @Test
    void aCreationThatHangsIsEvidenceAlsoOfANodeThatTookImageVolumesBefore() {
        proven();
        var hourly = START.plus(Duration.ofMinutes(61));
        pods = new ArrayList<>(made(decide(hourly), hourly));
        var scheduled = "{conditions: [{type: PodScheduled, status: 'True', lastTransitionTime: '%s'}]}"
                .formatted(hourly.plusSeconds(100));
        saying(Probe.Sandbox, scheduled);
        settle(Probe.Control, "False", true, 20);
        assertThat(made(decide(hourly.plusSeconds(130))))
                .as("it has a node for half a minute")
                .isEmpty();

        pods.addAll(made(decide(hourly.plusSeconds(221)), hourly));
        settle(Probe.Copied, "True", false, 1);
        assertThat(decide(hourly.plusSeconds(225)).delivery()).isEqualTo(LauncherDelivery.InitCopy);
    }

    @Test
    void aPortThatIsOpenIsBelievedAtOnceAlsoWhereTheControlSaysNothing() {
        proven();
        var hourly = START.plus(Duration.ofMinutes(61));
        pods = new ArrayList<>(made(decide(hourly), hourly));
        settle(Probe.Sandbox, "False", true, 20);
        saying(Probe.Control, "{phase: Failed, reason: Evicted, message: The node was low on memory}");

        var outcome = decide(hourly.plusSeconds(9));

        assertThat(rows(outcome))
                .containsEntry("network", EnforcementState.NotEnforced)
                .containsEntry("networkFirstPacket", EnforcementState.NotEnforced)
                .containsEntry("initCopy", EnforcementState.Enforced);
        assertThat(outcome.status().orElseThrow().capabilities())
                .filteredOn(row -> row.name().equals("network"))
                .singleElement()
                .satisfies(row -> assertThat(row.evidence()).contains("which no policy opens, was reached"));
    }

    @Test
    void aNodeThatTakesNoPodsForAWhileComesBackAsTheOneItWas() {
        proven();
        var other = node("node-9", "5.10.0");
        var back = nodes;
        nodes = List.of(tainted(back.getFirst()));
        var away = decide(START.plusSeconds(60));
        assertThat(away.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(away.status().orElseThrow().capabilities())
                .isNotEmpty()
                .allSatisfy(row -> assertThat(row.evidence()).startsWith("no such node takes pods now; before: "));
        cluster.setStatus(away.status().orElseThrow());
        assertThat(decide(START.plusSeconds(61)).status()).as("said once").isEmpty();

        nodes = back;
        var returned = decide(START.plusSeconds(70));
        assertThat(returned.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(made(returned)).as("not due").isEmpty();
        assertThat(returned.status().orElseThrow().capabilities())
                .allSatisfy(row -> assertThat(row.evidence()).doesNotContain("takes pods now"));
        assertThat(decide(START.plus(Duration.ofHours(5))).delivery()).isEqualTo(LauncherDelivery.ImageVolume);

        nodes = List.of(other);
        assertThat(decide(START.plusSeconds(80)).delivery())
                .as("others are not what is remembered")
                .isEqualTo(LauncherDelivery.InitCopy);
        assertThat(decide(START.plus(Duration.ofHours(25)))
                        .status()
                        .orElseThrow()
                        .capabilities())
                .as("a day is enough")
                .isEmpty();
    }

    /** Else every waiting pod would be made anew, and again once the probes are through. */
    @Test
    void whereItsObjectWasDeletedTheDeliveryStaysAsItIs() {
        nodes = List.of(node("node-1", "6.18.5"));
        installation = StoryTest.INSTALLATION.with(LauncherDelivery.ImageVolume);
        assertThat(decide(START).delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        installation = StoryTest.INSTALLATION.with(LauncherDelivery.InitCopy);
        assertThat(decide(START).delivery()).isEqualTo(LauncherDelivery.InitCopy);
    }

    @Test
    void whereNoNodeIsTheDeliveryStaysAsItIs() {
        nodes = List.of();
        assertThat(decide(START).delivery()).as("nothing is known").isEqualTo(LauncherDelivery.InitCopy);
        nodes = List.of(node("node-1", "6.18.5"));
        proven();
        nodes = List.of();
        var outcome = decide(START.plusSeconds(60));
        assertThat(outcome.delivery()).isEqualTo(LauncherDelivery.ImageVolume);
        assertThat(outcome.status().orElseThrow().conditions().getFirst().message())
                .isEqualTo("no node takes plugin pods: as before");
    }

    /** Else it would seem to have hung all the time the node was away. */
    @Test
    void aProbeLeftOnANodeThatIsNotProbedAnyMoreGoes() {
        pods = new ArrayList<>(decideMade());
        nodes = List.of(tainted(nodes.getFirst()));
        assertThat(decide(START.plusSeconds(5)).clear()).hasSize(2);
        pods.replaceAll(pod -> new PodBuilder(pod)
                .editMetadata()
                .withOwnerReferences()
                .endMetadata()
                .build());
        assertThat(decide(START.plusSeconds(5)).clear()).as("not one of ours").isEmpty();
    }

    @Test
    void readersOfArtifactsAreToldWhereAndWhomToTrustFromTheFirstLookOn() {
        assertThat(decide(START).status().orElseThrow().artifacts())
                .isEqualTo(new ArtifactEndpoint(
                        "https://corral-gateway.corral-system.svc:9443", StoryTest.INSTALLATION.trustBundle()));
    }

    /** No policy is about it, so nobody compares its name. */
    @Test
    void theLauncherMayComeFromARegistryByAnotherName() {
        var image = "registry.example.org:443/launcher@sha256:" + "a".repeat(64);
        var plan = ProbeRenderer.plan(
                new Installation("corral-system", image, LauncherDelivery.ImageVolume, "10.96.0.50", "", "test", ""),
                List.of(),
                cluster,
                "node-1",
                Probe.Sandbox);
        assertThat(plan.image()).hasToString(image);
    }

    private Outcome decide(Instant now) {
        return decide(now, START);
    }

    private Outcome decide(Instant now, Instant since) {
        return ClusterProbe.decide(
                new ClusterProbe.World(
                        cluster,
                        nodes,
                        pods.stream().map(SlimPod::of).toList(), // as they are cached
                        installation,
                        chosen,
                        PULL_SECRETS,
                        since,
                        served),
                now);
    }

    /** The pods of a first look. */
    private List<Pod> decideMade() {
        return made(decide(START));
    }

    private void proven() {
        pods = new ArrayList<>(decideMade());
        settle(Probe.Sandbox, "True", false, 1);
        settle(Probe.Control, "False", true, 20);
        cluster.setStatus(decide(START.plusSeconds(9)).status().orElseThrow());
        pods = List.of();
    }

    private static List<Pod> made(Outcome outcome) {
        return made(outcome, START);
    }

    private static List<Pod> made(Outcome outcome, Instant at) {
        return outcome.lay().stream()
                .filter(Action.CreatePod.class::isInstance)
                .map(action -> ((Action.CreatePod) action).pod())
                .map(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .withUid("uid-" + pod.getMetadata().getName())
                        .withCreationTimestamp(at.toString())
                        .endMetadata()
                        .build())
                .toList();
    }

    private void saying(Probe probe, String status) {
        var name = ProbeRenderer.name(cluster, "node-1", probe);
        pods.replaceAll(pod -> pod.getMetadata().getName().equals(name)
                ? new PodBuilder(pod)
                        .withStatus(Serialization.unmarshal("status: " + status, Pod.class)
                                .getStatus())
                        .build()
                : pod);
    }

    private void settle(Probe probe, String verified, boolean reached, int tries) {
        var name = dev.corral.operator.render.ProbeRenderer.name(cluster, "node-1", probe);
        pods.replaceAll(pod -> pod.getMetadata().getName().equals(name)
                ? new PodBuilder(pod)
                        .withNewStatus()
                        .withPhase("Running")
                        .addNewCondition()
                        .withType("corral.dev/SandboxVerified")
                        .withStatus(verified)
                        .withReason(reached ? "SentinelReachable" : "Proven")
                        .withMessage(PROOF.replace("REACHED", Boolean.toString(reached))
                                .replace("TRIES", Integer.toString(tries)))
                        .endCondition()
                        .addNewContainerStatus()
                        .withName("plugin")
                        .withNewState()
                        .withNewRunning(START.toString())
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build()
                : pod);
    }

    private static Map<String, EnforcementState> rows(Outcome outcome) {
        return outcome.status().orElseThrow().capabilities().stream()
                .collect(java.util.stream.Collectors.toMap(CapabilityStatus::name, CapabilityStatus::state));
    }

    private static Node node(String name, String kernel) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("kubernetes.io/hostname", name))
                .endMetadata()
                .withNewStatus()
                .withNewNodeInfo()
                .withArchitecture("amd64")
                .withKernelVersion(kernel)
                .withContainerRuntimeVersion("containerd://2.1.4")
                .withKubeletVersion("v1.36.0")
                .endNodeInfo()
                .endStatus()
                .build();
    }

    private static Node tainted() {
        return tainted(node("node-0", "6.1.0"));
    }

    private static Node tainted(Node node) {
        return new NodeBuilder(node)
                .withNewSpec()
                .addNewTaint()
                .withKey("node-role.kubernetes.io/control-plane")
                .withEffect("NoSchedule")
                .endTaint()
                .endSpec()
                .build();
    }
}
