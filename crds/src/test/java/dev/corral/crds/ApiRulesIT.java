package dev.corral.crds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.testing.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What a real API server takes and refuses under our manifests. */
class ApiRulesIT {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Map<String, String> PATHS = Map.of(
            "Plugin", "namespaces/default/plugins",
            "PluginExecution", "namespaces/default/pluginexecutions",
            "PluginPolicy", "namespaces/default/pluginpolicies",
            "PluginPool", "namespaces/default/pluginpools",
            "ClusterPlugin", "clusterplugins",
            "ClusterPluginPolicy", "clusterpluginpolicies",
            "CorralCluster", "corralclusters");

    private static ApiServer server;
    private static KubernetesClient client;

    @BeforeAll
    static void start() {
        server = ApiServer.start();
        server.serveKinds();
        client = server.client();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @TestFactory
    Stream<DynamicTest> accepts() {
        return RuleCase.in("accepts").stream().map(accept -> dynamicTest(accept.name(), () -> send(accept)));
    }

    @TestFactory
    Stream<DynamicTest> rejects() {
        return RuleCase.in("rejects").stream()
                .map(reject -> dynamicTest(
                        reject.name(),
                        () -> assertThatThrownBy(() -> send(reject))
                                .isInstanceOfSatisfying(KubernetesClientException.class, refusal -> {
                                    assertThat(refusal.getCode()).isIn(400, 422);
                                    assertThat(refusal.getStatus().getMessage()).contains(reject.comment());
                                })));
    }

    @Test
    void statusIsWrittenThroughItsOwnSubresource() {
        var execution = execution("with-status");
        execution.putObject("status").put("state", "Running");
        var created = create(execution);
        assertThat(created.get("status"))
                .as("status of a create is dropped, and there is one that says so")
                .isEqualTo(YAML.createObjectNode().put("observedGeneration", -1));

        created.putObject("status")
                .put("state", "Running")
                .put("startTime", "2026-11-23T07:00:00.123Z")
                .putArray("result")
                .add(1);
        ((ObjectNode) created.get("spec")).put("handler", "other");
        var updated = put(created, "/status");
        assertThat(updated.at("/status/state").asText()).isEqualTo("Running");
        assertThat(updated.at("/status/result/0").asInt())
                .as("a result may be any JSON")
                .isEqualTo(1);
        assertThat(updated.at("/spec/handler").asText())
                .as("spec of a status update is dropped")
                .isEqualTo("check");
    }

    @Test
    void statusIsBounded() {
        var created = create(execution("bounded"));
        created.putObject("status").put("logTail", "x".repeat(4097));
        assertThatThrownBy(() -> put(created, "/status")).hasMessageContaining("status.logTail: Too long");
        created.putObject("status").put("startTime", "yesterday");
        assertThatThrownBy(() -> put(created, "/status")).hasMessageContaining("must be of type date-time");
        var artifacts = created.putObject("status").putArray("artifacts");
        IntStream.range(0, 51).forEach(i -> artifacts.addObject().put("name", "a" + i));
        assertThatThrownBy(() -> put(created, "/status")).hasMessageContaining("must have at most 50 items");
    }

    @Test
    void anInputLargerThanARequestMayBeIsRefused() {
        var execution = execution("huge");
        ((ObjectNode) execution.get("spec")).putObject("input").put("text", "x".repeat(4 << 20));
        assertThatThrownBy(() -> create(execution))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refusal -> assertThat(refusal.getCode()).isEqualTo(413));
    }

    @Test
    void tenThousandGlobsAreRefused() {
        var execution = execution("globs");
        var read = ((ObjectNode) execution.get("spec"))
                .putObject("permissions")
                .putObject("files")
                .putArray("read");
        IntStream.range(0, 10_000).forEach(i -> read.add("/work/" + i + "/**"));
        assertThatThrownBy(() -> create(execution))
                .hasMessageContaining("spec.permissions.files.read: Too many: 10000: must have at most 128 items");
    }

    @Test
    void typedObjectsSurviveTheRoundTrip() {
        create(execution("typed"));
        var read = client.resources(PluginExecution.class)
                .inNamespace("default")
                .withName("typed")
                .get();
        assertThat(read.getSpec().plugin().name()).isEqualTo("link-checker");
        assertThat(read.getSpec().handler()).isEqualTo("check");
    }

    @Test
    void aPoolThatLeavesReplicasToAnAutoscalerCanBeScaled() {
        var pool = YAML.createObjectNode();
        pool.put("apiVersion", "corral.dev/v1alpha1").put("kind", "PluginPool");
        pool.putObject("metadata").put("name", "scaled-by-others");
        pool.putObject("spec");
        var created = create(pool);
        assertThat(created.at("/spec/replicas").asInt()).isEqualTo(1);
        assertThat(read(client.raw(path(created) + "/" + name(created) + "/scale"))
                        .at("/spec/replicas")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void kubectlShowsThePluginWhicheverWayItIsNamed() {
        create(execution("by-name"));
        var byClusterName = execution("by-cluster-name");
        ((ObjectNode) byClusterName.get("spec")).putObject("plugin").put("clusterName", "shared-checker");
        create(byClusterName);
        assertThat(pluginColumn("by-name")).isEqualTo("link-checker");
        assertThat(pluginColumn("by-cluster-name")).isEqualTo("shared-checker");
    }

    @Test
    void kubectlShowsWhichPoliciesAreOnTrial() {
        var policy = YAML.createObjectNode();
        policy.put("apiVersion", "corral.dev/v1alpha1").put("kind", "PluginPolicy");
        policy.putObject("metadata").put("name", "trial");
        policy.putObject("spec")
                .put("mode", "Audit")
                .putObject("denies")
                .putArray("env")
                .add("LANG");
        create(policy);
        assertThat(column("namespaces/default/pluginpolicies/trial", "MODE")).isEqualTo("Audit");
        policy.put("kind", "ClusterPluginPolicy");
        create(policy);
        assertThat(column("clusterpluginpolicies/trial", "MODE")).isEqualTo("Audit");
    }

    private static String pluginColumn(String execution) {
        return column("namespaces/default/pluginexecutions/" + execution, "PLUGIN");
    }

    private static String column(String object, String name) {
        var request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(server.url() + "/apis/corral.dev/v1alpha1/" + object)
                .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                .build();
        var table = read(
                client.getHttpClient().sendAsync(request, String.class).join().body());
        var columns = table.get("columnDefinitions").findValuesAsText("name");
        assertThat(columns).contains(name);
        return table.at("/rows/0/cells").get(columns.indexOf(name)).asText();
    }

    private static void send(RuleCase rules) {
        var created = create(rules.documents().get(0), rules.documents().size() == 1);
        if (rules.documents().size() == 1) {
            return;
        }
        try {
            var change = rules.documents().get(1);
            ((ObjectNode) change.get("metadata"))
                    .put(
                            "resourceVersion",
                            created.at("/metadata/resourceVersion").asText());
            put(change, "");
        } finally {
            client.raw(path(created) + "/" + name(created), "DELETE", null);
        }
    }

    private static ObjectNode execution(String name) {
        var execution = YAML.createObjectNode();
        execution.put("apiVersion", "corral.dev/v1alpha1").put("kind", "PluginExecution");
        execution.putObject("metadata").put("name", name);
        execution.putObject("spec").put("handler", "check").putObject("plugin").put("name", "link-checker");
        return execution;
    }

    private static ObjectNode create(ObjectNode object) {
        return create(object, false);
    }

    private static ObjectNode create(ObjectNode object, boolean dryRun) {
        return call("POST", path(object) + "?fieldValidation=Strict" + (dryRun ? "&dryRun=All" : ""), object);
    }

    private static ObjectNode put(ObjectNode object, String subresource) {
        return call("PUT", path(object) + "/" + name(object) + subresource + "?fieldValidation=Strict", object);
    }

    private static ObjectNode call(String method, String path, ObjectNode body) {
        return read(client.raw(path, method, body));
    }

    private static ObjectNode read(String json) {
        try {
            return (ObjectNode) YAML.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String path(ObjectNode object) {
        return "/apis/corral.dev/v1alpha1/" + PATHS.get(object.get("kind").asText());
    }

    private static String name(ObjectNode object) {
        return object.at("/metadata/name").asText();
    }
}
