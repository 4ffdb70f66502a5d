package dev.corral.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.POJONode;
import dev.corral.api.v1alpha1.Permissions;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginPoolSpec;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.policy.Mode;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SlimTest {
    private static PluginExecution execution(String spec, String metadata) {
        return Serialization.unmarshal(
                """
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: check, namespace: docs, uid: u, resourceVersion: "7", generation: 2, %s}
                spec: {plugin: {name: links}, handler: check, ttl: {logs: 5m}, suspend: true, files: [{name: f}], %s}
                status: {state: Suspended}
                """.formatted(metadata.replace("LONG", "x".repeat(20_000)), spec.replace("LONG", "x".repeat(20_000))),
                PluginExecution.class);
    }

    @Test
    void whatIsSmallStaysItself() {
        var small = execution("input: {url: 'https://docs.example.org/'}, env: [{name: A, value: b}]", "");

        assertThat(Slim.of(small)).isSameAs(small);
        assertThat(Slim.is(small)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "input: {text: LONG}",
                "input: {list: [LONG]}",
                "env: [{name: A, value: LONG}]",
                "permissions: {env: [LONG]}"
            })
    void whatMakesItLargeIsLeftOut(String spec) {
        isSlim(execution(spec, ""));
    }

    /** A kilobyte of them is thirty in memory, and a thousand executions may have one each. */
    @Test
    void manyValuesAreLargeHoweverShortTheyAre() {
        isSlim(execution("input: {list: [" + "{},".repeat(300) + "{}]}", ""));
    }

    @Test
    void whatWasNotReadIsLarge() {
        var execution = execution("input: {a: 1}", "");
        var spec = execution.getSpec();
        execution.setSpec(new PluginExecutionSpec(
                spec.plugin(),
                spec.handler(),
                new POJONode(Unread.TOO_MUCH),
                null,
                null,
                spec.files(),
                null,
                null,
                null,
                null,
                spec.ttl(),
                spec.suspend(),
                null,
                null,
                null));

        isSlim(execution);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "annotations: {a: LONG}",
                "labels: {a: LONG}",
                "finalizers: [LONG]",
                "ownerReferences: [{name: LONG}]"
            })
    void metadataMayBeWhatIsLarge(String metadata) {
        isSlim(execution("input: {a: 1}", metadata));
    }

    /** Nobody would know what it denies, so nothing runs under it. */
    @Test
    void ofAPolicyThatIsTooLargeIsLeftThatItIs() {
        var slim = Slim.of(policy("", "LONG".repeat(4)));

        assertThat(slim.getSpec()).isNull();
        assertThat(SpecReader.namespaceRule(slim)).satisfies(rule -> {
            assertThat(rule.plugins()).as("named: it is about all").isEmpty();
            assertThat(rule.mode()).isEqualTo(Mode.ENFORCE);
            assertThat(rule.problems())
                    .extracting(Violation::path, Violation::reason)
                    .containsExactly(tuple("spec", ViolationReason.OutOfRange));
        });
    }

    @Test
    void aPolicyOfSomeLengthIsReadWithoutItsMetadata() {
        var whole = policy("annotations: {a: LONG}", "LONG");

        var slim = Slim.of(whole);

        assertThat(slim.getMetadata().getAnnotations()).doesNotContainKey("a");
        assertThat(slim.getSpec()).isSameAs(whole.getSpec());
        assertThat(SpecReader.namespaceRule(slim).problems())
                .isEqualTo(SpecReader.namespaceRule(whole).problems());
        var small = policy("", "A");
        assertThat(Slim.of(small)).isSameAs(small);
    }

    private static PluginPolicy policy(String metadata, String denied) {
        return Serialization.unmarshal(
                """
                apiVersion: corral.dev/v1alpha1
                kind: PluginPolicy
                metadata: {name: narrow, namespace: docs, uid: u, generation: 2, %s}
                spec: {mode: Audit, plugins: [links], denies: {env: [%s]}}
                """.formatted(metadata, denied).replace("LONG", "x".repeat(20_000)), PluginPolicy.class);
    }

    /** It is in memory that this annotation says so; whoever writes it into an object is no less large. */
    @Test
    void nobodyIsTakenForSlimWhoIsNot() {
        var said = Slim.of(execution("", "annotations: {a: LONG}"))
                .getMetadata()
                .getAnnotations()
                .keySet()
                .iterator()
                .next();
        isSlim(execution("input: {text: LONG}", "annotations: {" + said + ": 'true'}"));
    }

    @Test
    void manySmallThingsAreLargeTogether() {
        var many = JsonNodeFactory.instance.arrayNode();
        for (var i = 0; i < 2_000; i++) {
            many.add(i);
        }
        isSlim(execution("input: {many: " + many + "}", ""));
    }

    @Test
    void aDeepInputIsMeasuredToo() {
        JsonNode deep = JsonNodeFactory.instance.objectNode();
        for (var i = 0; i < 100_000; i++) {
            deep = JsonNodeFactory.instance.arrayNode().add(deep);
        }
        var whole = execution("", "");
        var spec = whole.getSpec();
        whole.setSpec(new PluginExecutionSpec(
                spec.plugin(),
                spec.handler(),
                deep,
                null,
                null,
                spec.files(),
                null,
                null,
                null,
                null,
                spec.ttl(),
                true,
                null,
                null,
                null));

        isSlim(whole);
    }

    @Test
    void ofWhatEndedLittleIsLeft() {
        var ended = ended("True", "permissions: {env: [A]}");

        var slim = Slim.of(ended);

        assertThat(Slim.is(slim)).isTrue();
        assertThat(Serialization.asYaml(Slim.of(slim))).isEqualTo(Serialization.asYaml(slim));
        assertThat(Serialization.asYaml(slim)).isEqualTo("""
                ---
                apiVersion: "corral.dev/v1alpha1"
                kind: "PluginExecution"
                metadata:
                  annotations:
                    corral.dev/left-out: "true"
                  generation: 2
                  name: "check"
                  namespace: "docs"
                  resourceVersion: "7"
                  uid: "u"
                spec:
                  plugin:
                    name: "links"
                  handler: "check"
                  files:
                  - name: "f"
                  permissions:
                    env:
                    - "A"
                  ttl:
                    logs: "5m"
                  suspend: true
                status:
                  observedGeneration: 2
                  conditions:
                  - type: "Succeeded"
                    status: "True"
                    reason: "HandlerReturned"
                    message: "exit 0"
                  start: "Warm"
                  completionTime: "2026-11-30T04:00:00Z"
                  plugin:
                    kind: "Plugin"
                    name: "links"
                  attempt:
                    number: 1
                    pod: "pex-1"
                    podUID: "p"
                    session: "s"
                  artifacts:
                  - name: "out"
                    state: "Ready"
                  report:
                    attempt: 1
                    session: "s"
                    reason: "HandlerReturned"
                  installation: "corral-system"
                """);
    }

    @Test
    void aLargeOneThatEndedHasNoPermissionsLeftEither() {
        var slim = Slim.of(ended("False", "permissions: {env: [LONG]}"));

        assertThat(slim.getSpec().permissions()).isNull();
        assertThat(slim.getStatus().enforcement()).isNull();
    }

    /** It is written once more, from what is read. */
    @Test
    void whatHasNotReachedItsEndStaysItself() {
        var open = ended("Unknown", "");

        assertThat(Slim.of(open)).isSameAs(open);
    }

    private static PluginExecution ended(String succeeded, String spec) {
        var ended = execution("input: {a: 1}, env: [{name: A, value: b}]" + (spec.isEmpty() ? "" : ", " + spec), "");
        ended.setStatus(Serialization.unmarshal("""
                observedGeneration: 2
                state: Succeeded
                start: Warm
                installation: corral-system
                completionTime: "2026-11-30T04:00:00Z"
                conditions:
                  - {type: SandboxVerified, status: "True", reason: Verified, message: m}
                  - {type: Succeeded, status: "%s", reason: HandlerReturned, message: exit 0}
                plugin: {kind: Plugin, name: links, image: registry.example.org/links}
                effectivePermissions: [env A]
                enforcement: [{permission: env, state: Enforced}]
                attempt: {number: 1, pod: pex-1, podUID: p, session: s}
                assignment: {inputDigest: d}
                result: {a: 1}
                artifacts: [{name: out, state: Ready}]
                report: {attempt: 1, session: s, reason: HandlerReturned, message: exit 0, started: true}
                """.formatted(succeeded), PluginExecutionStatus.class));
        return ended;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "handlers: [{name: main, command: [/x], input: {properties: {a: {description: LONG}}}}]",
                "handlers: [{name: main, command: [/x], output: {description: LONG}}]",
                "handlers: [{name: main, command: [/x]}, {name: b, command: [/x, LONG]}]",
                "handlers: [{name: main, command: [/x], permissions: {env: [LONG]}}]",
                "permissions: {env: [LONG]}",
                "artifacts: [{name: LONG}]"
            })
    void ofALargePluginNameImageAndWhatIsSaidOfItAreLeft(String spec) {
        var large = plugin("{}", "image: i, " + spec);

        var slim = Slim.of(large);

        assertThat(Slim.is(slim)).isTrue();
        assertThat(slim.getSpec()).isEqualTo(new PluginSpec(null, "i", null, null, List.of()));
        assertThat(slim.getStatus()).isEqualTo(large.getStatus());
        assertThat(slim.getMetadata().getName()).isEqualTo("links");
        assertThat(slim.getMetadata().getGeneration()).isEqualTo(4);
        assertThat(Serialization.asJson(slim).length()).isLessThan(500);
    }

    /** Policies select by them, and everybody is counted from what caches have. */
    @Test
    void ofLargeOnesTheCapabilitiesAreLeft() {
        var handlers =
                "handlers: [{name: main, command: [/x], permissions: {capabilities: []}}, {name: b, command: [/x]}]";
        var slim = Slim.of(plugin("{}", "image: i, permissions: {env: [LONG], capabilities: [browser]}, " + handlers));

        assertThat(Slim.is(slim)).isTrue();
        assertThat(slim.getSpec()).isEqualTo(Serialization.unmarshal("""
                        image: i
                        permissions: {capabilities: [browser]}
                        handlers: [{name: main, command: [], permissions: {capabilities: []}}, {name: b, command: []}]
                        """, PluginSpec.class));
        var execution = Slim.of(execution("permissions: {env: [LONG], capabilities: []}", ""));
        assertThat(execution.getSpec().permissions())
                .isEqualTo(Serialization.unmarshal("capabilities: []", Permissions.class));
    }

    @Test
    void aPluginOfUsualSizeStaysItself() {
        var usual = plugin("{a: b}", "image: i, handlers: [{name: main, command: [/x], input: {type: object}}]");

        assertThat(Slim.of(usual)).isSameAs(usual);
        assertThat(Slim.is(Slim.of(plugin("{a: LONG}", "image: i")))).isTrue();
    }

    private static Plugin plugin(String annotations, String spec) {
        return Serialization.unmarshal(
                """
                apiVersion: corral.dev/v1alpha1
                kind: Plugin
                metadata: {name: links, namespace: docs, generation: 4, annotations: %s}
                spec: {%s}
                status: {observedGeneration: 4}
                """.formatted(annotations, spec).replace("LONG", "x".repeat(20_000)), Plugin.class);
    }

    @Test
    void aPoolKeepsItsSpec() {
        var pool = new PluginPool();
        pool.setMetadata(new ObjectMetaBuilder()
                .withName("p")
                .withLabels(Map.of("a", "x".repeat(20_000)))
                .build());
        pool.setSpec(Serialization.unmarshal("replicas: 3", PluginPoolSpec.class));

        var slim = Slim.of(pool);

        assertThat(Slim.is(slim)).isTrue();
        assertThat(slim.getMetadata().getLabels()).isNullOrEmpty();
        assertThat(slim.getSpec()).isEqualTo(pool.getSpec());
        assertThat(Slim.of(slim)).isSameAs(slim);
    }

    private static void isSlim(PluginExecution whole) {
        var slim = Slim.of(whole);

        assertThat(Slim.is(slim)).isTrue();
        assertThat(Slim.of(slim)).isSameAs(slim);
        assertThat(slim.getSpec().input()).isNull();
        assertThat(slim.getSpec().env()).isNull();
        assertThat(slim.getSpec().permissions()).isNull();
        assertThat(slim.getSpec().plugin()).isEqualTo(whole.getSpec().plugin());
        assertThat(slim.getSpec().handler()).isEqualTo("check");
        assertThat(slim.getSpec().suspend()).isTrue();
        assertThat(slim.getSpec().ttl()).isEqualTo(whole.getSpec().ttl());
        assertThat(slim.getSpec().files()).isEqualTo(whole.getSpec().files());
        assertThat(slim.getStatus()).isEqualTo(whole.getStatus());
        assertThat(slim.getMetadata().getUid()).isEqualTo("u");
        assertThat(slim.getMetadata().getResourceVersion()).isEqualTo("7");
        assertThat(slim.getMetadata().getGeneration()).isEqualTo(2);
        assertThat(Serialization.asJson(slim).length()).isLessThan(2_000);
    }
}
