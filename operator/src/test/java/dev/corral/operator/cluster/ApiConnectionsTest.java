package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** An API server takes the suite its client asks for first (Go's crypto/tls does), so what counts is the order in the first bytes. */
class ApiConnectionsTest {
    private static final int CHACHA20 = 0x1303; // RFC 8446, B.4
    private static final int AES = 0x1301;

    @Test
    void theLightestSuiteIsAskedForFirstAndOthersStay() throws IOException {
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var client = Clients.with(new ConfigBuilder()
                        .withMasterUrl("https://localhost:" + server.getLocalPort())
                        .withRequestRetryBackoffLimit(0)
                        .build())) {
            var asking = CompletableFuture.runAsync(() -> ask(client));
            try (var connection = server.accept()) {
                assertThat(suites(new DataInputStream(connection.getInputStream())))
                        .startsWith(CHACHA20)
                        .contains(AES);
            }
            asking.join();
        }
    }

    /** It comes to nothing: the server hangs up in the middle of the handshake. */
    private static void ask(KubernetesClient client) {
        Assertions.assertThatThrownBy(() ->
                        client.pods().inNamespace("team-a").withName("pex-1").get())
                .isInstanceOf(KubernetesClientException.class);
    }

    /** The cipher_suites of a ClientHello (RFC 8446, 4.1.2). */
    private static int[] suites(DataInputStream in) throws IOException {
        in.skipNBytes(5 + 4 + 2 + 32); // record, handshake, version, random
        in.skipNBytes(in.readUnsignedByte()); // session
        var suites = new int[in.readUnsignedShort() / 2];
        for (int i = 0; i < suites.length; i++) {
            suites[i] = in.readUnsignedShort();
        }
        return suites;
    }
}
