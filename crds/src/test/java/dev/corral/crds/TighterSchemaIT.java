package dev.corral.crds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.corral.testing.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A schema that became tighter refuses what is new; what is stored can still be told its status, labelled and finished. */
class TighterSchemaIT {
    private static final YAMLMapper YAML = new YAMLMapper();

    @AutoClose
    private final ApiServer server = ApiServer.start();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ClusterPluginPolicy | clusterpluginpolicies | {images: ['registry.example.org/app:1.2'], namespaces: {matchLabels: {team: docs team}}, grants: {network: {cidrs: ['203.0.113.7/24:443-80']}}}",
                "PluginExecution | namespaces/default/pluginexecutions | {plugin: {name: x}, handler: check, permissions: {files: {read: [/app/**.json]}, limits: {memory: '0.5'}}}"
            })
    void whatIsStoredKeepsItsStatusAndItsLabels(String kind, String collection, String spec)
            throws JsonProcessingException, InterruptedException {
        server.applyAll(Manifests.directory().resolve("src/test/resources/released/0.1.0"));
        var path = "/apis/corral.dev/v1alpha1/" + collection;
        var object = (ObjectNode) YAML.readTree("{apiVersion: corral.dev/v1alpha1, kind: " + kind
                + ", metadata: {name: early, finalizers: [corral.dev/x]}, spec: " + spec + "}");
        var client = server.client();
        client.raw(path, "POST", object);

        server.serveKinds();
        ((ObjectNode) object.get("metadata")).put("name", "late");
        assertThat(isRefused(client, path, object)).isTrue();

        var stored = (ObjectNode) YAML.readTree(client.raw(path + "/early"));
        stored.putObject("status")
                .putArray("conditions")
                .addObject()
                .put("type", "Ready")
                .put("status", "False")
                .put("reason", "Malformed")
                .put("message", "")
                .put("lastTransitionTime", "2026-11-23T07:00:00Z");
        stored = (ObjectNode) YAML.readTree(client.raw(path + "/early/status", "PUT", stored));
        assertThat(stored.at("/status/conditions/0/reason").asText()).isEqualTo("Malformed");
        ((ObjectNode) stored.get("metadata")).remove("finalizers");
        ((ObjectNode) stored.get("metadata")).putObject("labels").put("seen", "true");
        stored = (ObjectNode) YAML.readTree(client.raw(path + "/early", "PUT", stored));
        assertThat(stored.at("/metadata/labels/seen").asText()).isEqualTo("true");
        assertThat(stored.at("/metadata").has("finalizers")).isFalse();
    }

    /** The server takes up a changed schema a moment after it was written. */
    private static boolean isRefused(KubernetesClient client, String path, ObjectNode object)
            throws InterruptedException {
        for (int tries = 0; tries < 100; tries++) {
            try {
                client.raw(path + "?dryRun=All", "POST", object);
            } catch (KubernetesClientException refusal) {
                return refusal.getCode() == 422;
            }
            Thread.sleep(100);
        }
        return false;
    }
}
