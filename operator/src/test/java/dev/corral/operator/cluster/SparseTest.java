package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.Unread;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An object of a megabyte may have half a million values: of such a one the fields are read that have not. */
class SparseTest {
    /** As much as an API server stores, all of it empty maps. */
    private static final String DENSE = "{\"a\":{\"b\":[" + "{},".repeat(466_000) + "0]}}";

    private static final String METADATA =
            "\"metadata\":{\"name\":\"x\",\"namespace\":\"docs\",\"resourceVersion\":\"7\"," + "\"uid\":\"u\"}";
    private final KubernetesSerialization reading = serialization();

    static KubernetesSerialization serialization() {
        try (var client = Clients.with(Config.empty())) {
            return client.getKubernetesSerialization();
        }
    }

    private static String execution(String input) {
        return """
                {"apiVersion":"corral.dev/v1alpha1","kind":"PluginExecution",%s,
                 "spec":{"env":[{"name":"A","value":"b"}],"handler":"main","input":%s,"plugin":{"name":"late"},"suspend":true},
                 "status":{"state":"Suspended"}}
                """.formatted(METADATA, input);
    }

    private <T extends HasMetadata> T read(String object, Class<T> type) {
        return reading.unmarshal(object, type);
    }

    /** As an informer is told of it: the client makes what the informer wants of what the event holds. */
    private <T extends HasMetadata> T watched(String object, Class<T> type) {
        var told = told(object);
        return type.isInstance(told) ? type.cast(told) : reading.convertValue(told, type);
    }

    private Object told(String object) {
        return reading.unmarshal("{\"type\":\"ADDED\",\"object\":" + object + "}", WatchEvent.class)
                .getObject();
    }

    /** The client, which does not know the kind, would make one of its own and then this of that. */
    @Test
    void anExecutionThatIsWatchedIsReadAtOnceAndAsFromAList() {
        for (var input : new String[] {"{\"url\":\"x\",\"n\":[1,2.50,1e3,12345678901234567890,null]}", "7"}) {
            assertThat(told(execution(input)))
                    .isInstanceOfSatisfying(
                            PluginExecution.class,
                            told -> assertThat(reading.asJson(told))
                                    .isEqualTo(reading.asJson(read(execution(input), PluginExecution.class))));
        }
        var unreadable = execution("{}").replace("\"suspend\":true", "\"suspend\":{}");
        assertThat(told(unreadable)).isInstanceOfSatisfying(PluginExecution.class, told -> {
            assertThat(told.getSpec()).isNull();
            assertThat(told.getStatus().state()).isEqualTo("Suspended");
        });
        var otherwise = execution("{}")
                .replace("\"kind\":\"PluginExecution\",", "")
                .replace("\"status\":", "\"kind\":\"PluginExecution\",\"status\":");
        assertThat(watched(otherwise, PluginExecution.class).getSpec().suspend())
                .as("whatever is said first")
                .isTrue();
    }

    @Test
    void aDenseInputIsUnreadAndAllAroundItIsRead() {
        for (var execution : new PluginExecution[] {
            read(execution(DENSE), PluginExecution.class), watched(execution(DENSE), PluginExecution.class)
        }) {
            assertThat(Unread.is(execution.getSpec().input())).isTrue();
            assertThat(execution.getSpec().env()).hasSize(1);
            assertThat(execution.getSpec().handler()).isEqualTo("main");
            assertThat(execution.getSpec().plugin().name()).isEqualTo("late");
            assertThat(execution.getSpec().suspend()).isTrue();
            assertThat(execution.getStatus().state()).isEqualTo("Suspended");
            assertThat(execution.getMetadata().getUid()).isEqualTo("u");
        }
    }

    @Test
    void nobodyWritesWhatIsUnread() {
        var written = reading.asJson(read(execution(DENSE), PluginExecution.class));

        assertThat(written).contains(Unread.WORDS);
        assertThat(Unread.is(read(written, PluginExecution.class).getSpec().input()))
                .isFalse();
    }

    @Test
    void theBoundIsWhatIsSaidOfIt() {
        // two brackets and as many numbers
        var most = "[" + "0,".repeat(Unread.MOST - 3) + "0]";
        var more = "[" + "0,".repeat(Unread.MOST - 2) + "0]";

        assertThat(watched(execution(most), PluginExecution.class).getSpec().input())
                .hasSize(Unread.MOST - 2);
        assertThat(Unread.is(
                        read(execution(more), PluginExecution.class).getSpec().input()))
                .isTrue();
    }

    @Test
    void theSchemasOfAPluginShareTheBound() {
        var half = "{\"enum\":[" + "0,".repeat(Unread.MOST / 2) + "0]}";
        var plugin = """
                {"apiVersion":"corral.dev/v1alpha1","kind":"Plugin",%s,"spec":{"handlers":[
                  {"input":%s,"name":"a","output":{"type":"object"},"permissions":{"env":["A"]}},
                  {"input":{"type":"object"},"name":"b","output":%s,"permissions":{"env":["B"]}},
                  {"input":%s,"name":"c"}],"image":"registry.example.org/a:1","permissions":{"env":["A","B"]}}}
                """.formatted(METADATA, half, half, DENSE);

        for (var read : new Plugin[] {read(plugin, Plugin.class), watched(plugin, Plugin.class)}) {
            assertThat(read.getSpec().image()).isNotNull();
            assertThat(read.getSpec().permissions().env()).hasSize(2);
            assertThat(read.getSpec().handlers()).extracting(Handler::name).containsExactly("a", "b", "c");
            assertThat(read.getSpec().handlers())
                    .extracting(handler -> Unread.is(handler.input()))
                    .containsExactly(false, false, true);
            assertThat(read.getSpec().handlers())
                    .extracting(handler -> Unread.is(handler.output()))
                    .containsExactly(false, true, false);
            assertThat(read.getSpec().handlers().get(1).permissions().env()).containsExactly("B");
        }
    }

    /** Fields with a type of their own have no place for it, and one that is left out might have been the one that narrows. */
    @Test
    void aSpecOfTooManyValuesOtherwiseIsNone() {
        var policy = """
                {"apiVersion":"corral.dev/v1alpha1","kind":"PluginPolicy",%s,
                 "spec":{"denies":{"env":[%s]}},"status":{"observedGeneration":3}}
                """.formatted(METADATA, "\"A\",".repeat(300_000) + "\"B\"");

        assertThat(read(policy, PluginPolicy.class).getSpec()).isNull();
        assertThat(watched(policy, PluginPolicy.class).getStatus().observedGeneration())
                .isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"labels", "annotations"})
    void metadataOfTooManyValuesLeavesWhatFindsTheObject(String field) {
        var many = IntStream.range(0, 100_000)
                .mapToObj(i -> "\"k" + i + "\":\"\"")
                .collect(Collectors.joining(",", "{", "}"));
        var labelled = execution("{\"url\":\"x\"}")
                .replace(
                        "\"metadata\":{",
                        "\"metadata\":{\"" + field + "\":" + many + ",\"managedFields\":[" + many + "],");

        for (var execution :
                new PluginExecution[] {read(labelled, PluginExecution.class), watched(labelled, PluginExecution.class)
                }) {
            assertThat(execution.getMetadata().getName()).isEqualTo("x");
            assertThat(execution.getMetadata().getNamespace()).isEqualTo("docs");
            assertThat(execution.getMetadata().getResourceVersion()).isEqualTo("7");
            assertThat(execution.getMetadata().getLabels()).isNullOrEmpty();
            assertThat(execution.getMetadata().getAnnotations()).isNullOrEmpty();
            assertThat(execution.getSpec().input().path("url").asText()).isEqualTo("x");
        }
    }

    /** Nobody asks for it, so it is not copied, however much it is; a field of that name elsewhere is somebody's. */
    @Test
    void whoWroteWhatDoesNotCount() {
        var theirs = "{\"managedFields\":[1],\"metadata\":{\"managedFields\":[2]}}";
        var written = execution(theirs)
                .replace(
                        "\"metadata\":{\"name\"",
                        "\"metadata\":{\"labels\":{\"a\":\"b\"},\"managedFields\":[" + DENSE + "],\"name\"");
        var dense = execution(theirs).replace("\"env\":[", "\"args\":" + DENSE + ",\"env\":[");

        for (var read :
                new PluginExecution[] {read(written, PluginExecution.class), watched(written, PluginExecution.class)}) {
            assertThat(read.getMetadata().getName()).isEqualTo("x");
            assertThat(read.getMetadata().getLabels())
                    .as("as of an object without")
                    .isEqualTo(Map.of("a", "b"));
            assertThat(read.getSpec().input().toString()).isEqualTo(theirs);
        }
        assertThat(watched(dense, PluginExecution.class).getSpec().input().toString())
                .isEqualTo(theirs);
    }

    @ParameterizedTest
    @ValueSource(strings = {"networking.k8s.io/v1 NetworkPolicy", "cilium.io/v2 CiliumNetworkPolicy"})
    void aDenseNetworkPolicyCountsAsOneThatOpensEverything(String kind) {
        var policy = """
                {"apiVersion":"%s","kind":"%s",%s,
                 "spec":{"podSelector":{"matchLabels":{"app":"web"}},"ingress":[%s{}]}}
                """.formatted(kind.split(" ")[0], kind.split(" ")[1], METADATA, "{},".repeat(466_000));

        for (var read : new GenericKubernetesResource[] {
            read(policy, GenericKubernetesResource.class), watched(policy, GenericKubernetesResource.class)
        }) {
            assertThat(read.getMetadata().getName()).isEqualTo("x");
            assertThat(read.getAdditionalProperties()).containsEntry("spec", Unread.TOO_MUCH);
            assertThat(ForeignPolicy.opening(read, "docs", Map.of(), OwnedLabels.EVERY_POD))
                    .hasValueSatisfying(
                            opening -> assertThat(opening.toString()).contains("cannot be read"));
        }
    }

    /** However many others it has: by the one it is ours, with the other it would go. */
    @Test
    void ofANetworkPolicyOurLabelAndItsOwnersAreReadWhateverElseItHas() {
        var many =
                IntStream.range(0, 100_000).mapToObj(i -> "\"k" + i + "\":\"\"").collect(Collectors.joining(","));
        var policy = """
                {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"x","namespace":"docs","uid":"u",
                 "labels":{%1$s,"app.kubernetes.io/managed-by":"corral","z":""},"annotations":{%1$s},
                 "ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"theirs","uid":"v"}]},
                 "spec":{"podSelector":{}}}
                """.formatted(many);

        for (var read : new HasMetadata[] {
            read(policy, NetworkPolicy.class),
            watched(policy, NetworkPolicy.class),
            read(policy, GenericKubernetesResource.class)
        }) {
            assertThat(read.getMetadata().getLabels()).isEqualTo(Map.of("app.kubernetes.io/managed-by", "corral"));
            assertThat(read.getMetadata().getOwnerReferences()).hasSize(1);
            assertThat(read.getMetadata().getAnnotations()).isNullOrEmpty();
        }
        assertThat(read(policy, NetworkPolicy.class).getSpec()).isNotNull();
    }

    /** As whoever edits a namespace may have labelled it before the guards were there. */
    @Test
    void aDenseNetworkPolicyThatPassesForOursHasNoSpec() {
        var policy = """
                {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",%s,"spec":{"podSelector":{},"ingress":[%s{}]}}
                """.formatted(METADATA, "{},".repeat(466_000));

        for (var read : new NetworkPolicy[] {read(policy, NetworkPolicy.class), watched(policy, NetworkPolicy.class)}) {
            assertThat(read.getMetadata().getName()).isEqualTo("x");
            assertThat(read.getSpec()).isNull();
        }
    }

    /** The client's own types would not be readable with something else in them, and then the watch of all ends. */
    @Test
    void kindsOfTheCoreAreReadWhole() {
        var pod = watched("""
                {"apiVersion":"v1","kind":"Pod",%s,"spec":{"containers":[{"args":[%s],"name":"c"}]}}
                """.formatted(METADATA, "\"\",".repeat(Unread.MOST) + "\"\""), Pod.class);

        assertThat(pod.getSpec().getContainers().getFirst().getArgs()).hasSize(Unread.MOST + 1);
    }
}
