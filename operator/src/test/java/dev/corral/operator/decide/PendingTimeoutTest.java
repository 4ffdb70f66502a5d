package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.policy.AlwaysExcepted;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The kubelet counts a pod's own deadline from before its images are pulled. */
class PendingTimeoutTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 30, 120})
    void aPodWhoseStartTakesAllItMayHasTheTimeOfItsRunAndItsReport(int minutes) {
        Clocks clocks = Clocks.standard().withPending(Duration.ofMinutes(minutes));
        Duration needed = clocks.pending().plus(clocks.staging()).plus(TIMEOUT).plus(clocks.ending());

        var laid = decide(clocks, "Run").lay().stream()
                .filter(Action.CreatePod.class::isInstance)
                .map(Action.CreatePod.class::cast)
                .findFirst()
                .orElseThrow();
        long deadline = laid.pod().getSpec().getActiveDeadlineSeconds();
        assertThat(Duration.ofSeconds(deadline)).isGreaterThan(needed);

        var preview = decide(clocks, "Plan").status().orElseThrow().plan().objects();
        assertThat(preview.getLast()).contains("activeDeadlineSeconds: " + deadline);
    }

    private static Decision decide(Clocks clocks, String mode) {
        var execution = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {namespace: team-a, name: slow, uid: u, generation: 1}
                spec: {plugin: {name: slow}, handler: main, mode: %s}
                """.formatted(mode), PluginExecution.class);
        var plugin = Serialization.unmarshal("""
                # yaml
                image: registry.example.org/slow@sha256:%s
                handlers: [{name: main, command: [/app/slow]}]
                permissions: {limits: {timeout: %ds}}
                """.formatted("a".repeat(64), TIMEOUT.toSeconds()), PluginSpec.class);
        var policy = Serialization.unmarshal("""
                kind: ClusterPluginPolicy
                metadata: {name: all, uid: c, generation: 1}
                spec: {grants: {limits: {timeout: 1h}}}
                """, ClusterPluginPolicy.class);
        return Decider.standard(AlwaysExcepted.with(List.of()), clocks)
                .decide(
                        Snapshot.bare(
                                execution,
                                new Surroundings(
                                        Optional.of(new FoundPlugin("Plugin", "slow", "p", 1, plugin)),
                                        Map.of(),
                                        List.of(policy),
                                        List.of(),
                                        Set.of(),
                                        true,
                                        StoryTest.INSTALLATION)),
                        NOW);
    }
}
