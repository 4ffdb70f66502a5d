package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
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

    @AfterEach
    void nothingIsLeft() {
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
        sleeper("ten", 4);
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

        IntStream.range(0, 9).forEach(i -> team.execution("ten-" + i).ends(ConditionReason.HandlerReturned));
        team.execution("first").ends(ConditionReason.HandlerReturned);

        assertThat(mostAtOnce()).isEqualTo(3);
        var claims = claims("ten-").sorted().toList();
        var first = claims("first").findFirst().orElseThrow();
        assertThat(claims.stream().filter(claim -> claim.isBefore(first)))
                .as("claimed before it")
                .hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void aFullQueueRefusesTheNext() {
        sleeper("full", 600);
        IntStream.range(0, 11).forEach(i -> execute("full", "full-" + i, 0));
        await("a full queue")
                .atMost(Duration.ofSeconds(60))
                .until(() -> executions().stream()
                                .filter(execution -> execution.getStatus() != null
                                        && "Queued".equals(execution.getStatus().state()))
                                .count()
                        == 8);
        execute("full", "one-too-many", 0);

        var end = team.execution("one-too-many").ends(ConditionReason.QueueFull);

        assertThat(end.message()).contains("ClusterPluginPolicy/team-", "spec.concurrency.queuedPerNamespace");
        assertThat(end.status().error().code()).isEqualTo("QUEUE_FULL");
    }

    @Test
    void aRestartInTheMiddleLetsNobodyPast() {
        sleeper("restart", 5);
        IntStream.range(0, 8).forEach(i -> execute("restart", "restart-" + i, 0));
        team.execution("restart-7").untilWaitingFor(ConditionReason.ConcurrencyLimit);
        team.client()
                .pods()
                .inNamespace(LocalCluster.SYSTEM)
                .withLabel("app.kubernetes.io/component", "controller")
                .withGracePeriod(0)
                .delete();

        IntStream.range(0, 8).forEach(i -> team.execution("restart-" + i).ends(ConditionReason.HandlerReturned));

        assertThat(mostAtOnce()).isEqualTo(3);
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

            assertThat(mostAtOnce()).isEqualTo(1);
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

    private static void execute(String plugin, String name, int priority) {
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: %s, namespace: $NAMESPACE}
                spec: {plugin: {name: %s}, handler: main, priority: %d}
                """.formatted(name, plugin, priority));
    }

    private static List<PluginExecution> executions() {
        return team.client()
                .resources(PluginExecution.class)
                .inNamespace(team.namespace())
                .list()
                .getItems();
    }

    private static Stream<Instant> claims(String prefix) {
        return executions().stream()
                .filter(execution -> execution.getMetadata().getName().startsWith(prefix))
                .map(execution -> Instant.parse(execution.getStatus().attempt().claimTime()));
    }

    /** From claim to end, as the statuses say, all of one clock. */
    private static int mostAtOnce() {
        var steps = new TreeMap<Instant, List<Integer>>();
        for (var execution : executions()) {
            PluginExecutionStatus status = execution.getStatus();
            if (status != null && status.attempt() != null && status.attempt().claimTime() != null) {
                steps.computeIfAbsent(Instant.parse(status.attempt().claimTime()), none -> new ArrayList<>())
                        .add(1);
                steps.computeIfAbsent(Instant.parse(status.completionTime()), none -> new ArrayList<>())
                        .add(-1);
            }
        }
        int now = 0;
        int most = 0;
        for (var at : steps.values()) {
            now += at.stream().mapToInt(Integer::intValue).sum();
            most = Math.max(most, now);
        }
        return most;
    }
}
