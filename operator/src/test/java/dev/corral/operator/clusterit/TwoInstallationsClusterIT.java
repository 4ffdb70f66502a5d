package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.operator.clusterit.Run.End;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Corral twice in one cluster: each serves the namespaces its selector names, and neither steps on the other. */
@Execution(ExecutionMode.SAME_THREAD)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TwoInstallationsClusterIT {
    private static final String SECOND = "corral-two";
    private static final String LABEL = "corral.dev/installation";
    private static final String GRANTS = "limits: {timeout: 3m, memory: 64Mi}";

    @RegisterExtension
    static final Team ones = Team.granted("ones", GRANTS);

    @RegisterExtension
    static final Team twos = Team.granted("twos", GRANTS);

    @RegisterExtension
    static final Team nobodys = Team.granted("nobodys", GRANTS);

    @RegisterExtension
    static final Team moved = Team.granted("moved", GRANTS);

    @BeforeAll
    static void installTwice() throws IOException {
        label(twos, "two");
        label(nobodys, "three");
        ones.cluster()
                .install(
                        "namespaces.matchExpressions[0].key=" + LABEL,
                        "namespaces.matchExpressions[0].operator=DoesNotExist");
        await("the first one has given the others up")
                .atMost(Duration.ofMinutes(2))
                .until(() -> selected("cluster").matchExpressions() != null);
        ones.client().resource(volume()).create();
        ones.cluster()
                .installAlso(SECOND, "namespaces.matchLabels.corral\\.dev/installation=two", "controller.replicas=1");
        await("the first one knows of the second one")
                .atMost(Duration.ofMinutes(2))
                .until(() -> selected(SECOND).matchLabels() != null);
    }

    @AfterAll
    static void leaveOne() throws IOException {
        ones.cluster()
                .run("cluster/helm", "uninstall", "corral", "--namespace", SECOND, "--ignore-not-found", "--wait");
        ones.client().namespaces().withName(SECOND).delete();
        ones.client().persistentVolumes().withName("corral-store-two").delete();
        ones.cluster().install();
    }

    @Test
    @Order(1)
    void eachIsServedByItsOwnControllerAndGatewayOnly() throws Exception {
        var one = worker(ones, "runs", 0).start();
        var two = worker(twos, "runs", 0).start();

        isOf(LocalCluster.SYSTEM, one.ends(ConditionReason.HandlerReturned));
        isOf(SECOND, two.ends(ConditionReason.HandlerReturned));
        var path = "/v1/namespaces/" + twos.namespace() + "/executions/runs/artifacts/late";
        try (var own = new ArtifactReader(twos, SECOND);
                var other = new ArtifactReader(twos, LocalCluster.SYSTEM)) {
            var token = own.token("reader", "corral-artifacts");
            own.mayRead("reader");
            assertThat(own.get(path, token).code()).isEqualTo(200);
            assertThat(other.get(path, token).code()).isEqualTo(404);
        }
    }

    @Test
    @Order(2)
    void inANamespaceOfNobodyNothingHappensAndTheEventSaysWhyUntilALabelMakesItSomebodys() {
        var run = worker(nobodys, "waits", 0).start();

        assertThat(run.event("NamespaceNotServed").getNote())
                .contains(nobodys.namespace())
                .contains("kubectl get corralclusters");
        assertThat(run.resource().get().getStatus()).isNull();
        assertThat(nobodys.client()
                        .pods()
                        .inNamespace(nobodys.namespace())
                        .list()
                        .getItems())
                .isEmpty();
        label(nobodys, "two");
        isOf(SECOND, run.ends(ConditionReason.HandlerReturned));
        assertThat(run.events().stream().filter(event -> "NamespaceNotServed".equals(event.getReason())))
                .as("said once, by whichever was first")
                .hasSize(1);
    }

    /** What is claimed ends where it began, what waits goes over, and each is started once. */
    @Test
    @Order(3)
    void aNamespaceGoesOverWhileThingsRunAndWaitInIt() {
        var running = worker(moved, "running", 15).start();
        var waiting = worker(moved, "waiting", 0).with("suspend: true").start();
        running.untilStarted();
        waiting.untilWaitingFor(ConditionReason.Suspended);
        assertThat(waiting.resource().get().getStatus().installation()).isEqualTo(LocalCluster.SYSTEM);

        label(moved, "two");
        var late = worker(moved, "late", 0).start();
        waiting.resume();

        isOf(SECOND, late.ends(ConditionReason.HandlerReturned));
        isOf(SECOND, waiting.ends(ConditionReason.HandlerReturned));
        isOf(LocalCluster.SYSTEM, running.ends(ConditionReason.HandlerReturned));
        assertThat(running.events().stream().filter(event -> "Started".equals(event.getReason())))
                .hasSize(1);
    }

    @Test
    @Order(4)
    void withoutTheSecondTheFirstGoesOn() {
        ones.cluster().output("cluster/helm", "uninstall", "corral", "--namespace", SECOND, "--wait");

        await("the second one is forgotten")
                .atMost(Duration.ofMinutes(2))
                .until(() -> cluster(SECOND).get() == null);
        isOf(LocalCluster.SYSTEM, worker(ones, "after", 0).start().ends(ConditionReason.HandlerReturned));
        var left = worker(twos, "left", 0).start();
        assertThat(left.event("NamespaceNotServed").getNote()).contains(twos.namespace());
        assertThat(left.resource().get().getStatus()).isNull();
    }

    private static PluginDraft worker(Team team, String name, int seconds) {
        return team.shell(name, """
                        sleep %d
                        echo late > $CORRAL_OUTPUT/late
                        printf '{"attempt": %%s}' $CORRAL_ATTEMPT > $CORRAL_RESULT
                        """.formatted(seconds)).leaves("late");
    }

    /** It ran once, with a pod that knows this gateway and is let through to it alone, and its artifact arrived there. */
    private static void isOf(String installation, End end) {
        var team = end.run().team();
        assertThat(end.status().installation()).isEqualTo(installation);
        assertThat(end.status().attempt().number()).isEqualTo(1);
        assertThat(end.result().get("attempt").asInt()).isEqualTo(1);
        assertThat(end.artifact("late").state()).isEqualTo("Ready");
        var address = team.client()
                .services()
                .inNamespace(installation)
                .withName("corral-gateway")
                .get()
                .getSpec()
                .getClusterIP();
        var pod = team.client()
                .pods()
                .inNamespace(team.namespace())
                .withName(end.status().attempt().pod())
                .get();
        assertThat(pod.getSpec().getContainers().getFirst().getEnv())
                .anyMatch(variable -> "CORRAL_GATEWAY".equals(variable.getName())
                        && variable.getValue().contains(address));
        var policy = team.client()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(team.namespace())
                .withName("corral-class-" + pod.getMetadata().getLabels().get("corral.dev/network-class"))
                .get();
        assertThat(policy.getSpec().getEgress())
                .singleElement()
                .satisfies(egress -> assertThat(egress.getTo())
                        .singleElement()
                        .satisfies(to -> assertThat(to.getNamespaceSelector().getMatchLabels())
                                .isEqualTo(Map.of("kubernetes.io/metadata.name", installation))));
    }

    private static void label(Team team, String installation) {
        team.client()
                .namespaces()
                .withName(team.namespace())
                .edit(namespace -> new NamespaceBuilder(namespace)
                        .editMetadata()
                        .addToLabels(LABEL, installation)
                        .endMetadata()
                        .build());
    }

    private static NamespaceSelector selected(String name) {
        var cluster = cluster(name).get();
        return cluster == null
                        || cluster.getStatus() == null
                        || cluster.getStatus().namespaces() == null
                ? NamespaceSelector.ALL
                : cluster.getStatus().namespaces();
    }

    private static Resource<CorralCluster> cluster(String name) {
        return ones.client().resources(CorralCluster.class).withName(name);
    }

    /** The local cluster makes no volumes by itself. */
    private static PersistentVolume volume() throws IOException {
        Path folder = LocalCluster.runFolder().resolve("store-two");
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: corral-store-two}
                spec:
                  capacity: {storage: 10Gi}
                  accessModes: [ReadWriteOnce]
                  storageClassName: ""
                  persistentVolumeReclaimPolicy: Retain
                  hostPath: {path: %s, type: Directory}
                """.formatted(folder), PersistentVolume.class);
    }
}
