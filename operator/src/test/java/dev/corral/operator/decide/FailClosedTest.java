package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.POJONode;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.spec.Unread;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
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
                .decide(world(execution, null), NOW); // the API server would not let such a plugin pass

        var status = decision.status().orElseThrow();
        assertThat(status.state()).isEqualTo("Failed");
        assertThat(status.error().code()).isEqualTo("INTERNAL");
        assertThat(status.error().message()).contains("NullPointerException").contains("SpecReader.java");
        assertThat(decision.lay()).isEmpty();
    }

    /** What is not read must not count as nothing: neither as no input, nor as no schema. */
    @Test
    void whatHasTooMuchInItRefusesTheRun() {
        var unread = new POJONode(Unread.TOO_MUCH);
        var small = JsonNodeFactory.instance.objectNode();

        assertThat(ended(unread, small))
                .isEqualTo(
                        "spec.input has more than 32768 values, names and brackets; make it smaller, or stage it with spec.files");
        assertThat(ended(small, unread))
                .isEqualTo("the handler's schema cannot be used: it has more than 32768 values, names and brackets");
    }

    /** Where there is no room for what was decided, what was written before makes some. */
    @Test
    void anEndWithoutRoomSaysHowItEndedAndNothingElse() {
        var execution = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {namespace: team-a, name: check, uid: u, generation: 1}
                spec: {plugin: {name: check}, handler: main}
                status:
                  verdict: Granted
                  effectivePermissions: ["env LANG ← ClusterPluginPolicy/base"]
                  attempt: {number: 1, pod: pex-1, podUID: p, session: s, claimTime: "2026-11-23T06:59:00Z"}
                  assignment: {command: [/check]}
                """, PluginExecution.class);
        var decision = Decider.standard(AlwaysExcepted.with(List.of()), Clocks.standard())
                .roomless(world(execution, null), NOW);

        var status = decision.status().orElseThrow();
        assertThat(status.state()).isEqualTo("Failed");
        assertThat(status.error().code()).isEqualTo("VALIDATION_ERROR");
        assertThat(status.error().message()).startsWith("the object is so large");
        assertThat(status.attempt()).isEqualTo(execution.getStatus().attempt());
        assertThat(status.assignment()).isNull();
        assertThat(status.effectivePermissions()).isNull();
    }

    private static String ended(JsonNode input, JsonNode schema) {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team-a")
                .withName("check")
                .withUid("u")
                .withGeneration(1L)
                .build());
        execution.setSpec(new PluginExecutionSpec(
                new PluginReference("check", null),
                "main",
                input,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
        execution.setStatus(new StatusDraft(execution, NOW.minusSeconds(3), NOW).build()); // what is refused settles
        var plugin = new PluginSpec(
                null,
                "registry.example.org/check",
                null,
                null,
                List.of(new Handler("main", List.of("/bin/true"), null, schema, null, null)));
        var status = Decider.standard(AlwaysExcepted.with(List.of()), Clocks.standard())
                .decide(world(execution, plugin), NOW)
                .status()
                .orElseThrow();
        assertThat(status.conditions())
                .filteredOn(condition -> condition.type().equals("Succeeded"))
                .extracting(Condition::reason)
                .containsExactly("InputInvalid");
        return status.error().message();
    }

    private static Snapshot world(PluginExecution execution, PluginSpec plugin) {
        return Snapshot.bare(
                execution,
                new Surroundings(
                        Optional.of(new FoundPlugin("Plugin", "check", "p", 1, plugin)),
                        Map.of(),
                        List.of(),
                        List.of(),
                        Set.of(),
                        false,
                        StoryTest.INSTALLATION));
    }
}
