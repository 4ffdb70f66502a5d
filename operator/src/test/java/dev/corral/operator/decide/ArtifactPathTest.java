package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.policy.AlwaysExcepted;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The path of an artifact with the names of the run in it stands in the status, which holds 256 characters of it. */
class ArtifactPathTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");

    @ParameterizedTest
    @ValueSource(ints = {50, 121})
    void aPathThatFitsWithTheNamesOfTheRunIsTaken(int length) {
        assertThat(decide("e".repeat(length)).lay()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {122, 253})
    void aPathThatIsTooLongWithThemStartsNothing(int length) {
        var decision = decide("e".repeat(length));
        assertThat(decision.lay()).isEmpty();
        var status = decision.status().orElseThrow();
        assertThat(status.state()).isEqualTo("Failed");
        assertThat(status.verdict()).isNull();
        assertThat(status.conditions())
                .filteredOn(condition -> condition.type().equals("Succeeded"))
                .singleElement()
                .satisfies(condition -> {
                    assertThat(condition.reason()).isEqualTo("Malformed");
                    assertThat(condition.message())
                            .contains(
                                    "spec.artifacts[0].path: Plugin/check: comes to " + (14 + 2 * length)
                                            + " characters",
                                    "and 256 fit");
                });
    }

    private static Decision decide(String name) {
        var execution = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {namespace: team-a, name: %s, uid: u, generation: 1}
                spec: {plugin: {name: check}, handler: main}
                status: {startTime: "2026-11-23T06:59:57Z"}
                """.formatted(name), PluginExecution.class);
        var plugin = Serialization.unmarshal("""
                # yaml
                image: registry.example.org/check@sha256:%s
                handlers: [{name: main, command: [/app/check]}]
                artifacts: [{name: report, path: "check/{runId}-{attempt}/{runId}.json"}]
                """.formatted("4f".repeat(32)), PluginSpec.class);
        var policy = Serialization.unmarshal("""
                metadata: {name: base, uid: u, generation: 1}
                spec: {grants: {}}
                """, ClusterPluginPolicy.class);
        return Decider.standard(AlwaysExcepted.with(List.of()), Clocks.standard())
                .decide(
                        Snapshot.bare(
                                execution,
                                new Surroundings(
                                        Optional.of(new FoundPlugin("Plugin", "check", "p", 1, plugin)),
                                        Map.of(),
                                        List.of(policy),
                                        List.of(),
                                        Set.of(),
                                        false,
                                        StoryTest.INSTALLATION)),
                        NOW);
    }
}
