package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.policy.AlwaysExcepted;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FailClosedTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");

    /** Seen on a cluster: an exception while deciding was repeated for ever, and the execution never got a status. */
    @Test
    void mistakeOfOursEndsTheRunInsteadOfHangingIt() {
        var execution = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {namespace: team-a, name: check, uid: u, generation: 1}
                spec: {plugin: {name: check}, handler: main}
                """, PluginExecution.class);
        var decision = Decider.standard(AlwaysExcepted.with(List.of()), Clocks.standard())
                .decide(world(execution), NOW);

        var status = decision.status().orElseThrow();
        assertThat(status.state()).isEqualTo("Failed");
        assertThat(status.error().code()).isEqualTo("INTERNAL");
        assertThat(status.error().message()).contains("NullPointerException").contains("SpecReader.java");
        assertThat(decision.lay()).isEmpty();
    }

    private static Snapshot world(PluginExecution execution) {
        return Snapshot.bare(
                execution,
                new Surroundings(
                        Optional.of(new FoundPlugin(
                                "Plugin", "check", "p", 1, null)), // the API server would not let it pass
                        Map.of(),
                        List.of(),
                        List.of(),
                        Set.of(),
                        false,
                        StoryTest.INSTALLATION));
    }
}
