package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.status.Kstatus;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody has looked at yet is not done for whoever waits for it, and has no status for us. */
class UnwrittenStatusTest {
    private static final Path CRDS =
            Path.of(System.getProperty("basedir", "")).resolve("../crds").normalize();
    private final KubernetesSerialization reading = serialization();

    private static KubernetesSerialization serialization() {
        try (var client = Clients.with(Config.empty())) {
            return client.getKubernetesSerialization();
        }
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                PluginExecution.class,
                Plugin.class,
                ClusterPlugin.class,
                PluginPolicy.class,
                ClusterPluginPolicy.class,
                PluginPool.class
            })
    void aFreshObjectIsInProgressAndHasNoStatus(Class<? extends CustomResource<?, ?>> kind) throws IOException {
        var fresh = fresh(kind);
        assertThat(Kstatus.of(fresh)).isEqualTo("InProgress");
        assertThat(read(kind, fresh).getStatus()).isNull();

        var unreadable = fresh.deepCopy();
        ((ObjectNode) unreadable.get("spec")).put("replicas", "unreadable").put("mode", "unreadable");
        assertThat(read(kind, unreadable).getStatus()).isNull();

        var written = fresh.deepCopy();
        ((ObjectNode) written.get("status")).putArray("conditions");
        assertThat(read(kind, written).getStatus())
                .as("whatever else it says is a status")
                .isNotNull();
        ((ObjectNode) written.get("status")).removeAll().put("observedGeneration", 0);
        assertThat(read(kind, written).getStatus()).isNotNull();
    }

    /** As the API server returns it: with what the schema says of a status that nobody wrote. */
    private static ObjectNode fresh(Class<? extends HasMetadata> kind) throws IOException {
        var definition = Serialization.unmarshal(
                Files.readString(CRDS.resolve(HasMetadata.getFullResourceName(kind) + ".yaml")), JsonNode.class);
        var fresh = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: %s
                metadata: {name: fresh, generation: 1}
                spec: {}
                """.formatted(HasMetadata.getKind(kind)), ObjectNode.class);
        var unwritten = definition.at("/spec/versions/0/schema/openAPIV3Schema/properties/status/default");
        if (!unwritten.isMissingNode()) {
            fresh.set("status", unwritten);
        }
        return fresh;
    }

    private CustomResource<?, ?> read(Class<? extends CustomResource<?, ?>> kind, ObjectNode object) {
        return reading.unmarshal(object.toString(), kind);
    }
}
