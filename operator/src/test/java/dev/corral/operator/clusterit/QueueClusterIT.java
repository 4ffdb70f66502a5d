package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Executions in line, on a real kubelet. One after the other: they share the bounds of one namespace. */
@Execution(ExecutionMode.SAME_THREAD)
class QueueClusterIT {
    @RegisterExtension
    static final Team team = Team.governed("queue", """
            grants: {limits: {timeout: 5m, memory: 64Mi, disk: 16Mi, cpu: 100m}}
            concurrency: {runningPerNamespace: 3, queuedPerNamespace: 8}
            maxPriority: 10
            """);

    private Claimed claimed = new Claimed();
    private Watch watch = () -> {};

    @BeforeEach
    void everyClaimIsCounted() {
        claimed = new Claimed();
        watch = team.client()
                .resources(PluginExecution.class)
                .inNamespace(team.namespace())
                .watch(claimed);
    }

    @AfterEach
    void nothingIsLeft() {
        watch.close();
        team.client()
                .resources(PluginExecution.class)
                .inNamespace(team.namespace())
                .delete();
        await("an empty namespace")
                .atMost(Duration.ofSeconds(90))
                .until(() -> executions().isEmpty()
                        && team.client()
                                .pods()
                                .inNamespace(team.namespace())
                                .list()
                                .getItems()
                                .isEmpty());
    }

    @Test
    void threeOfTenRunAndTheOneWithPriorityIsNext() {
        sleeper("ten", 20); // nobody may end before the one with priority has its place
        IntStream.range(0, 9).forEach(i -> execute("ten", "ten-" + i, 0));
        team.execution("ten-8").untilWaitingFor(ConditionReason.ConcurrencyLimit);
        execute("ten", "first", 10);
        team.execution("first")
                .until(
                        "at the head of the line",
                        status -> status.queue() != null
                                && Integer.valueOf(1).equals(status.queue().position()));
        var told = team.execution("first").event("ConcurrencyLimit").getNote();
        assertThat(told).contains("ClusterPluginPolicy/team-", "spec.concurrency.runningPerNamespace");
        var waiting = queued();
        assertThat(waiting).hasSize(7).contains("first");

        var ten = IntStream.range(0, 9).mapToObj(i -> "ten-" + i).toList();
        var one =
                ten.stream().filter(name -> !waiting.contains(name)).findFirst().orElseThrow();
        team.execution(one).cancel();

        team.execution("first").untilWaitingFor(ConditionReason.HandlerRunning);
        assertThat(queued()).as("nobody else has the place").hasSize(6);

        team.execution(one).ends(ConditionReason.Cancelled);
        ten.stream()
                .filter(name -> !name.equals(one))
                .forEach(name -> team.execution(name).ends(ConditionReason.HandlerReturned));
        team.execution("first").ends(ConditionReason.HandlerReturned);
        assertThat(claimed.mostAtOnce()).isEqualTo(3);
    }

    @Test
    void aFullQueueRefusesTheNext() {
        sleeper("full", 600);
        IntStream.range(0, 11).forEach(i -> execute("full", "full-" + i, 0));
        await("a full queue").atMost(Duration.ofSeconds(60)).until(() -> queued().size() == 8);
        execute("full", "one-too-many", 0);

        var end = team.execution("one-too-many").ends(ConditionReason.QueueFull);

        assertThat(end.message()).contains("ClusterPluginPolicy/team-", "spec.concurrency.queuedPerNamespace");
        assertThat(end.status().error().code()).isEqualTo("QUEUE_FULL");
    }

    @Test
    void aRestartInTheMiddleLetsNobodyPastAndLosesNobodysPlace() {
        sleeper("restart", 8);
        oneAtATime(() -> {
            first("restart", "restart-0");
            IntStream.range(1, 5).forEach(i -> execute("restart", "restart-" + i, 0));
            IntStream.range(1, 5)
                    .forEach(i -> team.execution("restart-" + i).untilWaitingFor(ConditionReason.ConcurrencyLimit));
            team.client()
                    .pods()
                    .inNamespace(LocalCluster.SYSTEM)
                    .withLabel("app.kubernetes.io/component", "controller")
                    .withGracePeriod(0)
                    .delete();
            // creation times are in seconds, and of one second those nobody had seen before a restart go first
            String last =
                    team.execution("restart-4").resource().get().getMetadata().getCreationTimestamp();
            await("the next second")
                    .until(() -> Instant.now().isAfter(Instant.parse(last).plusSeconds(1)));
            execute("restart", "restart-5", 0);

            IntStream.range(0, 6).forEach(i -> team.execution("restart-" + i).ends(ConditionReason.HandlerReturned));
        });

        assertThat(claimed.mostAtOnce()).isEqualTo(1);
        assertThat(byClaim(executions()))
                .containsExactly("restart-0", "restart-1", "restart-2", "restart-3", "restart-4", "restart-5");
    }

    @Test
    void namespacesTakeTurnsHoweverManyOneOfThemBrings() {
        String other = team.makeNamespace(team.namespace() + "-other");
        for (String namespace : List.of(team.namespace(), other)) {
            team.apply("""
                    apiVersion: corral.dev/v1alpha1
                    kind: Plugin
                    metadata: {name: fair, namespace: %s}
                    spec:
                      image: %s
                      handlers: [{name: main, command: [/bin/sh, -c, sleep 5]}]
                    """.formatted(namespace, team.cluster().image("plugin-shell")));
        }
        oneAtATime(() -> {
            first("fair", "many-0");
            IntStream.range(1, 4).forEach(i -> execute(team.namespace(), "fair", "many-" + i, 0));
            IntStream.range(1, 4)
                    .forEach(i -> team.execution("many-" + i).untilWaitingFor(ConditionReason.ConcurrencyLimit));
            IntStream.range(0, 2).forEach(i -> execute(other, "fair", "few-" + i, 0));

            IntStream.range(0, 4).forEach(i -> team.execution("many-" + i).ends(ConditionReason.HandlerReturned));
        });

        assertThat(byClaim(Stream.of(team.namespace(), other)
                        .flatMap(namespace -> executions(namespace).stream())
                        .toList()))
                .containsExactly("many-0", "few-0", "many-1", "few-1", "many-2", "many-3");
    }

    /** Under one more policy, which lets one run of all namespaces of this team. */
    private static void oneAtATime(Runnable scene) {
        String name = "one-" + team.namespace();
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: ClusterPluginPolicy
                metadata: {name: one-$NAMESPACE, labels: {clusterit: $NAMESPACE}}
                spec:
                  namespaces: {matchLabels: {clusterit: $NAMESPACE}}
                  grants: {limits: {timeout: 5m, memory: 64Mi, disk: 16Mi, cpu: 100m}}
                  concurrency: {running: 1}
                """);
        try {
            team.client()
                    .resources(ClusterPluginPolicy.class)
                    .withName(name)
                    .waitUntilCondition(
                            policy -> policy != null
                                    && policy.getStatus() != null
                                    && policy.getStatus().observedGeneration() != null,
                            60,
                            TimeUnit.SECONDS);
            scene.run();
        } finally {
            team.client().resources(ClusterPluginPolicy.class).withName(name).delete();
        }
    }

    private static List<String> byClaim(List<PluginExecution> executions) {
        return executions.stream()
                .sorted(Comparator.comparing(QueueClusterIT::claim))
                .map(execution -> execution.getMetadata().getName())
                .toList();
    }

    @Test
    void aFullQuotaIsWaitedForAndNotFailed() {
        team.apply("""
                apiVersion: v1
                kind: ResourceQuota
                metadata: {name: small, namespace: $NAMESPACE}
                spec: {hard: {pods: "1"}}
                """);
        try {
            sleeper("quota", 3);
            await("the quota to be counted").atMost(Duration.ofSeconds(30)).until(() -> {
                var quota = team.client()
                        .resourceQuotas()
                        .inNamespace(team.namespace())
                        .withName("small")
                        .get();
                return quota.getStatus() != null
                        && quota.getStatus().getUsed() != null
                        && quota.getStatus().getUsed().containsKey("pods");
            });
            IntStream.range(0, 3).forEach(i -> execute("quota", "quota-" + i, 0));
            team.execution("quota-2").untilWaitingFor(ConditionReason.QuotaExceeded);

            IntStream.range(0, 3).forEach(i -> team.execution("quota-" + i).ends(ConditionReason.HandlerReturned));

            assertThat(claimed.mostAtOnce()).isEqualTo(1);
        } finally {
            team.client()
                    .resources(ResourceQuota.class)
                    .inNamespace(team.namespace())
                    .delete();
        }
    }

    @Test
    void aPriorityNobodyAllowsIsRefused() {
        sleeper("vain", 1);
        execute("vain", "vain", 11);
        assertThat(team.execution("vain").ends(ConditionReason.Denied).message())
                .contains("spec.priority", "at most 10");
    }

    private static void sleeper(String name, int seconds) {
        team.shell(name, "sleep " + seconds).plugin();
    }

    /** Of two that ask in the same moment for a free place either may have it. */
    private static void first(String plugin, String name) {
        execute(plugin, name, 0);
        team.execution(name).untilWaitingFor(ConditionReason.HandlerRunning);
    }

    private static void execute(String plugin, String name, int priority) {
        execute(team.namespace(), plugin, name, priority);
    }

    private static void execute(String namespace, String plugin, String name, int priority) {
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: %s, namespace: %s}
                spec: {plugin: {name: %s}, handler: main, priority: %d}
                """.formatted(name, namespace, plugin, priority));
    }

    private static List<PluginExecution> executions() {
        return executions(team.namespace());
    }

    private static List<PluginExecution> executions(String namespace) {
        return team.client()
                .resources(PluginExecution.class)
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    private static List<String> queued() {
        return executions().stream()
                .filter(execution -> execution.getStatus() != null
                        && "Queued".equals(execution.getStatus().state()))
                .map(execution -> execution.getMetadata().getName())
                .toList();
    }

    private static Instant claim(PluginExecution execution) {
        return Instant.parse(execution.getStatus().attempt().claimTime());
    }

    /** Who is claimed and has not ended, at each write, in the order in which the API server took them. */
    private static final class Claimed implements Watcher<PluginExecution> {
        private final Set<String> now = new HashSet<>();
        private int most;
        private Optional<WatcherException> broken = Optional.empty();

        @Override
        public synchronized void eventReceived(Action action, PluginExecution execution) {
            PluginExecutionStatus status = execution.getStatus();
            String uid = execution.getMetadata().getUid();
            if (action != Action.DELETED
                    && status != null
                    && status.attempt() != null
                    && status.attempt().claimTime() != null
                    && status.completionTime() == null) {
                now.add(uid);
            } else {
                now.remove(uid);
            }
            most = Math.max(most, now.size());
        }

        @Override
        public synchronized void onClose(WatcherException cause) {
            broken = Optional.of(cause);
        }

        synchronized int mostAtOnce() {
            assertThat(broken).as("the watch that counts").isEmpty();
            return most;
        }
    }
}
