package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ErrorDetail;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginStatus;
import dev.corral.operator.clusterit.Run.End;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever one run does to its node, it ends for a reason of its own, and the run beside it does not notice; nor what one namespace asks for. */
class NeighboursClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("neighbours", """
            limits: {timeout: 5m, memory: 2Gi, cpu: "1", disk: 128Mi, processes: 64}
            """);

    @Test
    void processorTimeIsABudget() {
        var burner = team.probe("burner", "burn", "240", "2")
                .asks("limits: {cpuTime: 2s, cpu: \"1\"}")
                .leaves("none")
                .start();
        var end = undisturbed(burner, ConditionReason.CpuTimeExceeded);

        assertThat(end.status().error().code()).isEqualTo("QUOTA_EXCEEDED");
        long used = end.status().report().metrics().cpuMillis();
        assertThat(used).as("no sooner than the budget, and not much later").isBetween(2_000L, 4_000L);
        assertThat(end.status().enforcement())
                .filteredOn(row -> row.permission().equals("limits.cpuTime"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.state().name()).isEqualTo("Enforced");
                    assertThat(row.evidence()).matches("[23]\\.\\d\\d s of 2 s");
                });
    }

    @Test
    void aBudgetThatIsKeptIsShown() {
        var end = team.probe("thrifty", "exit", "0")
                .asks("limits: {cpuTime: 30s}")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(end.status().enforcement())
                .filteredOn(row -> row.permission().equals("limits.cpuTime"))
                .singleElement()
                .satisfies(row -> assertThat(row.evidence()).matches("[0-9.]+ s of 30 s"));
    }

    @Test
    void aFloodOfFiles() {
        // each name takes a kilobyte of the kernel's memory, and on a busy machine half a million are made before they
        // are counted
        var flood = team.probe("flood", "files", "2000000").asks("limits: {memory: 2Gi}");
        var end = undisturbed(flood.start(), ConditionReason.DiskExceeded);

        assertThat(end.message()).contains("more than 100000 files");
    }

    @Test
    void aBombOfOpenFiles() {
        var end = undisturbed(team.probe("opener", "descriptors").start(), ConditionReason.HandlerReturned);

        assertThat(end.result().get("refused").asText()).isEqualTo("EMFILE");
        assertThat(end.result().get("opened").asInt()).isLessThanOrEqualTo(1024);
    }

    @Test
    void tenGigabytesOfLog() {
        var run = team.probe("talker", "print", "10737418240").start();
        var end = undisturbed(run, ConditionReason.HandlerReturned);

        assertThat(end.message()).contains("the log was cut at 10 MiB, 10240 MiB were written");
        assertThat(team.client()
                        .pods()
                        .inNamespace(team.namespace())
                        .withName(end.status().attempt().pod())
                        .getLog()
                        .length())
                .isLessThan(11 << 20);
    }

    @Test
    void aFullDisk() {
        undisturbed(team.probe("hoarder", "disk", "4000", "--hold").start(), ConditionReason.DiskExceeded);
    }

    @Test
    void memoryWithoutEnd() {
        undisturbed(
                team.probe("eater", "memory", "4000")
                        .asks("limits: {memory: 512Mi}")
                        .start(),
                ConditionReason.MemoryExceeded);
    }

    @Test
    void aForkBomb() {
        var end = undisturbed(team.probe("bomb", "forkbomb").start(), ConditionReason.HandlerReturned);

        assertThat(end.result().get("stopped").asText()).isEqualTo("EAGAIN");
    }

    /** A handler has its launcher's address, so the gateway must not mind how many connections it opens. */
    @Test
    void aCrowdAtTheGateway() {
        var gateway = team.gatewayAddress();
        var end = undisturbed(
                team.probe("crowd", "crowd", gateway + ":8443", "900").start(), ConditionReason.HandlerReturned);

        assertThat(end.result().get("opened").asInt()).isGreaterThan(500);
        assertThat(end.result().get("stayed").asInt()).isBetween(1, 64);
    }

    /** Three hundred executions wait for a plugin and may go on when it is there; whoever comes then is not behind them. */
    @Test
    void aCrowdOfExecutions() {
        var crowded = team.makeNamespace(team.namespace() + "-crowd");
        var crowd = team.client().resources(PluginExecution.class).inNamespace(crowded);
        IntStream.range(0, 300)
                .parallel()
                .forEach(i -> crowd.resource(Serialization.unmarshal("""
                        apiVersion: corral.dev/v1alpha1
                        kind: PluginExecution
                        metadata: {name: crowd-%d}
                        spec: {plugin: {name: late}, handler: main, mode: Plan}
                        """.formatted(i), PluginExecution.class))
                        .create());
        await().atMost(Duration.ofMinutes(2))
                .until(() -> crowd.list().getItems().stream().allMatch(waits -> waits.getStatus() != null));
        var calm = team.shell("calm", "true").with("mode: Plan");
        calm.plugin();

        team.client()
                .resource(Serialization.unmarshal(
                        """
                        apiVersion: corral.dev/v1alpha1
                        kind: Plugin
                        metadata: {name: late, namespace: %s}
                        spec:
                          image: %s
                          handlers: [{name: main, command: [/bin/true]}]
                        """.formatted(crowded, team.cluster().image("plugin-shell")), Plugin.class))
                .create();
        var status = calm.execution().ends(ConditionReason.Planned).status();
        var seen = Instant.parse(status.startTime());
        var end = Instant.parse(status.completionTime());

        await().atMost(Duration.ofMinutes(2))
                .until(() -> ends(crowd.list().getItems()).count() == 300);
        assertThat(ends(crowd.list().getItems()).filter(other -> other.isAfter(seen) && other.isBefore(end)))
                .hasSizeLessThan(75);
    }

    /**
     * 175 MB of inputs that wait, 50 of plugins and 60 of network policies, and 40 of what is dense, which read whole would take a gigabyte:
     * controller and gateway start anew among them, and what starts then runs.
     */
    @Test
    void moreThanFitsIntoTheOperator() {
        var large = IntStream.range(0, 16)
                .mapToObj(i -> "text" + i + ": " + "x".repeat(15_600))
                .collect(Collectors.joining(", "));
        var namespace = team.makeNamespace(team.namespace() + "-large");
        fill(namespace, 700, PluginExecution.class, """
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: large-%%d}
                spec: {plugin: {name: late}, handler: main, suspend: true, input: {%s}}
                """.formatted(large));
        fill(namespace, 100, Plugin.class, """
                apiVersion: corral.dev/v1alpha1
                kind: Plugin
                metadata: {name: large-%%d}
                spec:
                  image: registry.example.org/large:1
                  handlers: [{name: main, command: [/bin/true], input: {type: object, description: %s}}]
                """.formatted("x".repeat(500_000)));
        // nothing but values, and as many as the API server lets in
        var dense = "[" + "{},".repeat(85_000) + "{}]";
        fill(namespace, 60, Plugin.class, """
                apiVersion: corral.dev/v1alpha1
                kind: Plugin
                metadata: {name: dense-%%d}
                spec:
                  image: registry.example.org/dense:1
                  handlers: [{name: main, command: [/bin/true], input: {enum: %s}}]
                """.formatted(dense));
        for (var suspend : List.of(true, false)) {
            fill(namespace, suspend ? 100 : 1, PluginExecution.class, """
                    apiVersion: corral.dev/v1alpha1
                    kind: PluginExecution
                    metadata: {name: dense-%s-%%d}
                    spec: {plugin: {name: dense-0}, handler: main, suspend: %s, input: {a: {b: %s}}}
                    """.formatted(
                            suspend ? "waits" : "ends", suspend, dense));
        }
        var keys = IntStream.range(0, 16).mapToObj(i -> "k".repeat(240) + i).collect(Collectors.joining(", "));
        var secrets = IntStream.range(0, 64)
                .mapToObj(i -> "{name: s" + i + ", keys: [" + keys + "]}")
                .collect(Collectors.joining(", "));
        fill(namespace, 120, PluginPolicy.class, """
                apiVersion: corral.dev/v1alpha1
                kind: PluginPolicy
                metadata: {name: large-%%d}
                spec: {denies: {secrets: [%1$s]}, limitTo: {secrets: [%1$s]}}
                """.formatted(secrets));
        fill(namespace, 250, NetworkPolicy.class, """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: large-%%d, annotations: {large: %s}}
                spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
                """.formatted("x".repeat(240_000)));
        for (var program : List.of("controller", "gateway")) {
            team.cluster()
                    .output(
                            "cluster/kubectl",
                            "-n",
                            LocalCluster.SYSTEM,
                            "rollout",
                            "restart",
                            "deployment/corral-" + program);
        }
        for (var program : List.of("controller", "gateway")) {
            team.cluster()
                    .output(
                            "cluster/kubectl",
                            "-n",
                            LocalCluster.SYSTEM,
                            "rollout",
                            "status",
                            "deployment/corral-" + program,
                            "--timeout=3m");
        }

        var end = team.shell("measures", "printf '{\"bytes\": %s}' \"$(wc -c < $CORRAL_INPUT)\" > $CORRAL_RESULT")
                .with("input: {" + large + "}")
                .start()
                .ends(ConditionReason.HandlerReturned);

        assertThat(end.result().path("bytes").asInt()).isGreaterThan(16 * 15_600);
        assertThat(team.client().pods().inNamespace(LocalCluster.SYSTEM).list().getItems().stream()
                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null))
                .allSatisfy(pod -> assertThat(pod.getStatus().getContainerStatuses())
                        .as(pod.getMetadata().getName())
                        .allSatisfy(container ->
                                assertThat(container.getRestartCount()).isZero()));

        var refused = team.client()
                .resources(PluginExecution.class)
                .inNamespace(namespace)
                .withName("dense-ends-0");
        var unusable =
                team.client().resources(Plugin.class).inNamespace(namespace).withName("dense-59");
        await().atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
            assertThat(refused.get().getStatus())
                    .extracting(PluginExecutionStatus::error)
                    .extracting(ErrorDetail::message)
                    .asString()
                    .startsWith("spec.input has more than 32768 values");
            assertThat(unusable.get().getStatus())
                    .extracting(PluginStatus::conditions)
                    .asString()
                    .contains("spec.handlers[0].input: cannot be used as a schema");
        });

        var crowded = team.client().namespaces().withName(namespace);
        crowded.delete();
        crowded.waitUntilCondition(Objects::isNull, 3, TimeUnit.MINUTES);
    }

    private static <T extends HasMetadata> void fill(String namespace, int count, Class<T> type, String yaml) {
        var some = team.client().resources(type).inNamespace(namespace);
        IntStream.range(0, count)
                .parallel()
                .forEach(i -> some.resource(Serialization.unmarshal(yaml.formatted(i), type))
                        .create());
    }

    private static Stream<Instant> ends(List<PluginExecution> executions) {
        return executions.stream()
                .map(execution -> execution.getStatus().completionTime())
                .filter(Objects::nonNull)
                .map(Instant::parse);
    }

    /** The run ends so; one that starts beside it returns, and every node stays Ready. */
    private static End undisturbed(Run run, ConditionReason reason) {
        var neighbour = team.shell(run.name() + "-neighbour", "echo well > $CORRAL_OUTPUT/word")
                .leaves("word")
                .start();
        var end = run.ends(reason);
        assertThat(neighbour
                        .ends(ConditionReason.HandlerReturned)
                        .artifact("word")
                        .state())
                .isEqualTo("Ready");
        assertThat(team.client().nodes().list().getItems())
                .allSatisfy(node -> assertThat(node.getStatus().getConditions()).anySatisfy(condition -> {
                    assertThat(condition.getType()).isEqualTo("Ready");
                    assertThat(condition.getStatus()).isEqualTo("True");
                }));
        return end;
    }
}
