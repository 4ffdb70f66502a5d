package dev.corral.operator.faults;

import dev.corral.operator.cluster.Clients;
import dev.corral.operator.cluster.GatewayAccess;
import dev.corral.operator.gateway.ArtifactStore;
import dev.corral.operator.gateway.Egress;
import dev.corral.operator.gateway.GatewayConfig;
import dev.corral.operator.gateway.GatewayServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** One life of a gateway: on the same ports and the same store as the one before. */
final class GatewayProcess implements AutoCloseable {
    static final long STORE_BYTES = 64L << 20;
    private static final InstantSource CLOCK = InstantSource.system();

    private final FaultProxy proxy;
    private final KubernetesClient client;
    private final GatewayServer server;

    private GatewayProcess(FaultProxy proxy, KubernetesClient client, GatewayServer server) {
        this.proxy = proxy;
        this.client = client;
        this.server = server;
    }

    /** Where the service leads. */
    record Ports(int launchers, int sentinel, int readers) {
        static Ports free() {
            try (var a = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var b = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    var c = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                return new Ports(a.getLocalPort(), b.getLocalPort(), c.getLocalPort());
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }

    static GatewayProcess start(FaultProxy proxy, Ports ports, Path store) {
        var client = Clients.with(ControllerProcess.config(proxy));
        try {
            var server = new GatewayServer(
                    new GatewayConfig(
                            "127.0.0.1",
                            ports.launchers(),
                            ports.sentinel(),
                            ports.readers(),
                            0,
                            1000,
                            Duration.ofSeconds(24),
                            Duration.ofSeconds(30),
                            Duration.ofSeconds(30),
                            // so often that it meets every run
                            Duration.ofMillis(500),
                            Duration.ofHours(1),
                            "gateway-0",
                            Egress.standard(List.of(), List.of())),
                    new GatewayAccess(client, Installed.NAMESPACE),
                    new ArtifactStore(store, STORE_BYTES, CLOCK),
                    CLOCK,
                    new SecureRandom(),
                    () -> {});
            server.start();
            return new GatewayProcess(proxy, client, server);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    FaultProxy proxy() {
        return proxy;
    }

    @Override
    public void close() {
        proxy.close();
        try {
            server.close();
        } catch (RuntimeException dying) {
            // a request in its hands did not take it well
        }
        client.close();
    }
}
