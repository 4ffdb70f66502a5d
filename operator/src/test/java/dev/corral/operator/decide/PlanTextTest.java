package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.policy.AlwaysExcepted;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanTextTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");

    /** The API server refuses a status that is longer than its schema says, and then the execution would never end. */
    @Test
    void whateverIsGrantedThePlanFitsIntoTheStatus() {
        var status = Decider.standard(AlwaysExcepted.with(List.of()), Clocks.standard())
                .decide(world(), NOW)
                .status()
                .orElseThrow();

        assertThat(status.state()).isEqualTo("Planned");
        assertThat(status.plan().objects())
                .hasSize(3)
                .allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(8192));
        assertThat(status.plan().objects().get(2)).contains("kind: Pod").endsWith("would not fit into the status");
        assertThat(status.effectivePermissions()).hasSizeLessThanOrEqualTo(128);
    }

    private static Snapshot world() {
        var paths = IntStream.range(0, 128)
                .mapToObj(i -> "/usr/share/a-folder-with-a-rather-long-name/of-" + i + "/**")
                .collect(Collectors.joining(", "));
        var denied = IntStream.range(0, 128).mapToObj(i -> "/x" + i).collect(Collectors.joining(", "));
        var plugin = Serialization.unmarshal("""
                kind: Plugin
                metadata: {name: many, namespace: team-a}
                spec:
                  image: corral.local/plugin@sha256:%s
                  permissions: {files: {read: [%s], deny: [%s]}}
                  handlers: [{name: main, command: [/bin/main]}]
                """.formatted("b".repeat(64), paths, denied), Plugin.class);
        var execution = Serialization.unmarshal("""
                kind: PluginExecution
                metadata: {namespace: team-a, name: many, uid: u, generation: 1}
                spec: {plugin: {name: many}, handler: main, mode: Plan}
                """, PluginExecution.class);
        var policy = Serialization.unmarshal("""
                kind: ClusterPluginPolicy
                metadata: {name: all, uid: c, generation: 1}
                spec: {grants: {files: {read: ["/**"]}}}
                """, ClusterPluginPolicy.class);
        return Snapshot.bare(
                execution,
                new Surroundings(
                        Optional.of(new FoundPlugin("Plugin", "many", "p", 1, plugin.getSpec())),
                        Map.of(),
                        List.of(policy),
                        List.of(),
                        Set.of(),
                        true,
                        StoryTest.INSTALLATION));
    }
}
