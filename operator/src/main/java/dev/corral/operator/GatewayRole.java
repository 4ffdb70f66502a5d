package dev.corral.operator;

import dev.corral.operator.cluster.Clients;
import dev.corral.operator.cluster.GatewayAccess;
import dev.corral.operator.gateway.ArtifactStore;
import dev.corral.operator.gateway.ConnectionLimit;
import dev.corral.operator.gateway.GatewayConfig;
import dev.corral.operator.gateway.GatewayServer;
import dev.corral.operator.permission.CidrBlock;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;

/** The gateway: talks to launchers and readers of artifacts, parses what plugins produce, decides nothing. */
final class GatewayRole {
    private GatewayRole() {}

    static void start(OperatorConfig config, InstantSource clock) throws IOException, InterruptedException {
        KubernetesClient client = Clients.inCluster();
        ArtifactStore store = new ArtifactStore(config.store(), config.storeBytes(), clock);
        int connections = ConnectionLimit.room(Runtime.getRuntime().maxMemory());
        GatewayServer server = new GatewayServer(
                GatewayConfig.standard(
                        config.podName(),
                        connections,
                        blocks(config.clusterRanges(), "CORRAL_CLUSTER_RANGES"),
                        blocks(config.egressRanges(), "CORRAL_EGRESS_RANGES")),
                new GatewayAccess(client, config.namespace()),
                store,
                clock,
                new SecureRandom(),
                // launchers ask again until the kubelet has started it anew
                () -> System.exit(0));
        new Health(
                        ConnectionLimit.limited(new VertxOptions(), clock, connections),
                        meters(store),
                        () -> true,
                        server::healthy)
                .listen(config.healthPort());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close));
        server.start();
    }

    /** A store that fills is seen before it is full, and one that is full for a namespace by what it refuses: its share may be three quarters. */
    static PrometheusMeterRegistry meters(ArtifactStore store) {
        PrometheusMeterRegistry meters = Health.registry();
        Gauge.builder("corral.store.used", store, ArtifactStore::used)
                .baseUnit("bytes")
                .register(meters);
        Gauge.builder("corral.store.limit", store, ArtifactStore::limit)
                .baseUnit("bytes")
                .register(meters);
        FunctionCounter.builder("corral.store.refused", store, ArtifactStore::refused)
                .register(meters);
        return meters;
    }

    private static List<CidrBlock> blocks(List<String> ranges, String name) {
        return ranges.stream()
                .map(range -> CidrBlock.parse(range, name).orElseThrow())
                .toList();
    }
}
