package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** By the names that dashboards and alerts know. */
class ExecutionMetersTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final ExecutionMeters counts = new ExecutionMeters(meters, () -> 3);

    @Test
    void whatNeverHappenedIsZeroAndNotAbsent() {
        assertThat(meters.scrape().lines())
                .contains(
                        "corral_executions_ended_total{state=\"Succeeded\"} 0.0",
                        "corral_executions_ended_total{state=\"Planned\"} 0.0",
                        "corral_executions_ended_total{state=\"Denied\"} 0.0",
                        "corral_executions_ended_total{state=\"Failed\"} 0.0",
                        "corral_executions_audited_total 0.0",
                        "corral_executions_stored 0.0");
    }

    @Test
    void whatHappensIsCounted() {
        counts.ended("Failed");
        counts.audited();
        counts.stored(() -> 7);
        assertThat(meters.scrape().lines())
                .contains(
                        "corral_executions_ended_total{state=\"Failed\"} 1.0",
                        "corral_executions_audited_total 1.0",
                        "corral_executions_queued 3.0",
                        "corral_executions_stored 7.0");
    }

    @Test
    void everyEndIsAmongThem() {
        assertThat(Arrays.stream(ConditionReason.values())
                        .map(reason ->
                                draft().ended(Ending.of(reason, "x")).build().state()))
                .hasSameElementsAs(StatusDraft.END_STATES);
    }

    private static StatusDraft draft() {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder().withName("check").build());
        return new StatusDraft(execution, NOW, NOW);
    }
}
