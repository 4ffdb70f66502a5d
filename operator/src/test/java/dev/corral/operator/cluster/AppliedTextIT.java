package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.gateway.TakenDocuments;
import dev.corral.testing.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The API server reads a status that is applied as YAML: whatever a handler may leave has to be that, too, or its run never ends. */
class AppliedTextIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @AutoClose
    private static final ApiServer API = ApiServer.start();

    private static KubernetesClient client;

    @BeforeAll
    static void serve() {
        API.serveKinds();
        client = Clients.with(API.client().getConfiguration());
    }

    @Test
    void whatAHandlerMayLeaveIsStoredAsItIs() throws IOException {
        for (String document : TakenDocuments.all()) {
            JsonNode result = JSON.readTree(document);
            assertThat(result.equals(AppliedTextIT::byValue, stored(result)))
                    .as("%.80s", document)
                    .isTrue();
        }
    }

    @Test
    void everyCharacterIsStoredAsItIs() {
        String all = IntStream.rangeClosed(0, 0x10ffff)
                .filter(point -> point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE)
                .filter(point -> point < 0x11000 || (point & 0xffff) > 0xfff0)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        JsonNode result = JSON.getNodeFactory().textNode(all);
        assertThat(stored(result)).isEqualTo(result);
    }

    /** 2.5e3 comes back as 2500. */
    private static int byValue(JsonNode one, JsonNode other) {
        return one.isNumber() && other.isNumber()
                ? Double.compare(one.doubleValue(), other.doubleValue())
                : one.equals(other) ? 0 : 1;
    }

    private static JsonNode stored(JsonNode result) {
        PluginExecution made = client.resource(Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {generateName: text-, namespace: default}
                spec: {plugin: {name: any}, handler: main}
                """, PluginExecution.class))
                .create();
        ObjectNode status = JSON.createObjectNode().put("observedGeneration", 1);
        status.set("result", result);
        assertThat(new Applier(client).writeStatus(made, JSON.convertValue(status, PluginExecutionStatus.class)))
                .isTrue();
        JsonNode found = client.resource(made).get().getStatus().result();
        return found == null ? NullNode.getInstance() : found;
    }
}
