package dev.corral.operator;

import dev.corral.operator.cluster.Clients;
import dev.corral.operator.cluster.GatewayAccess;
import dev.corral.operator.gateway.FileArtifactStore;
import dev.corral.operator.gateway.GatewayConfig;
import dev.corral.operator.gateway.GatewayServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;

/** The gateway: talks to launchers and readers of artifacts, parses what plugins produce, decides nothing. */
final class GatewayRole {
    private GatewayRole() {}

    static void start(OperatorConfig config, InstantSource clock) throws IOException, InterruptedException {
        KubernetesClient client = Clients.inCluster();
        GatewayServer server = new GatewayServer(
                GatewayConfig.standard(config.podName()),
                new GatewayAccess(client, config.namespace()),
                new FileArtifactStore(config.store(), config.storeBytes(), clock),
                clock,
                new SecureRandom());
        new Health(Vertx.vertx(), Health.registry(), () -> true, server::healthy).listen(config.healthPort());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        server.start();
    }
}
