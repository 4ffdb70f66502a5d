package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A connection can be lost while a list comes, and nobody tells the one who reads. */
class FirstListClientTest {
    private HttpServer server;
    private KubernetesClient client;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
        client = Clients.with(new ConfigBuilder()
                .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .build());
    }

    @AfterEach
    void stop() {
        client.close();
        server.stop(0);
    }

    @Test
    void aListThatBeginsAndDoesNotEndIsGivenUp() {
        answer("/apis", true, """
                {"groups": [{"name": "networking.k8s.io", "versions": [{"groupVersion": "networking.k8s.io/v1", "version": "v1"}]}]}
                """);
        answer("/apis/networking.k8s.io/v1", true, """
                {"resources": [{"name": "networkpolicies", "kind": "NetworkPolicy", "namespaced": true}]}
                """);
        answer("/apis/networking.k8s.io/v1/networkpolicies", false, "{");
        var oneSecond = new FirstList(Duration.ofMillis(100), Duration.ofSeconds(1));

        try (var policies = new ForeignPolicies(client, Duration.ofHours(1), oneSecond)) {
            assertThatThrownBy(() -> policies.start(namespace -> {}))
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessage("networkpolicies.networking.k8s.io not listed within 1 s");
        }
    }

    /** All of it, or how it begins. */
    private void answer(String path, boolean all, String text) {
        server.createContext(path, exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            var body = exchange.getResponseBody();
            body.write(text.getBytes(StandardCharsets.UTF_8));
            body.flush();
            if (all) {
                exchange.close();
            }
        });
    }
}
