package dev.corral.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
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
