package dev.corral.operator.faults;

import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.operator.ControllerRole;
import dev.corral.operator.OperatorConfig;
import dev.corral.operator.cluster.Clients;
import dev.corral.operator.cluster.Election;
import dev.corral.operator.cluster.InstallationSource;
import dev.corral.operator.cluster.TrustKeeper;
import dev.corral.operator.faults.GatewayProcess.Ports;
import dev.corral.operator.gateway.ReportListener;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.reconcile.ReportFeed;
import dev.corral.operator.tls.CertificateAuthority;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A controller, from its start to its death; what the role does, on a way to the API server of our own. One that ends because its start
 * failed is started again, as a kubelet would.
 */
final class ControllerProcess implements AutoCloseable {
    private static final Duration PENDING = Duration.ofMinutes(5);
    private static final Duration RESTART = Duration.ofMillis(500);
    private static final Vertx VERTX = Vertx.vertx();
    private static final InstantSource CLOCK = InstantSource.system();

    private final FaultProxy proxy;
    private final KubernetesClient client;
    private final Supplier<Operator> loop;
    private final PrometheusMeterRegistry meters;
    private final Optional<Election> election;
    private final Thread starting;
    private volatile Operator operator;
    private volatile boolean dead;

    private ControllerProcess(
            FaultProxy proxy,
            KubernetesClient client,
            Supplier<Operator> loop,
            PrometheusMeterRegistry meters,
            Optional<Election> election,
            String name) {
        this.proxy = proxy;
        this.client = client;
        this.loop = loop;
        this.operator = loop.get();
        this.meters = meters;
        this.election = election;
        this.starting = Thread.ofPlatform().daemon().name(name).start(this::live);
    }

    static ControllerProcess start(FaultProxy proxy, Ports gateway) {
        return start(proxy, gateway, "controller-0", false, PENDING);
    }

    /** With less patience for pods that do not start. */
    static ControllerProcess start(FaultProxy proxy, Ports gateway, Duration pending) {
        return start(proxy, gateway, "controller-0", false, pending);
    }

    /** With a lease that is lost soon enough to wait for. */
    static ControllerProcess candidate(FaultProxy proxy, Ports gateway, String name) {
        return start(proxy, gateway, name, true, PENDING);
    }

    private static ControllerProcess start(
            FaultProxy proxy, Ports gateway, String name, boolean elected, Duration pending) {
        var client = Clients.with(config(proxy));
        var settings = new OperatorConfig(
                Installed.NAMESPACE,
                name,
                Installed.LAUNCHER,
                Optional.of(LauncherDelivery.ImageVolume),
                List.of(),
                List.of(),
                true,
                pending,
                Path.of("unused"),
                0,
                0,
                NamespaceSelector.ALL,
                List.of());
        var source = source(client);
        source.refresh(CLOCK.instant());
        var meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // an informer of a dead process must not end this JVM
        Supplier<Operator> loop = () -> ControllerRole.loop(
                client,
                settings,
                source,
                reports(gateway, source),
                meters,
                CLOCK,
                overrider -> overrider.withInformerStoppedHandler((informer, why) -> {}));
        // a process that leads no more would end, and this one's way to the API server is cut by then
        var election = elected ? Optional.of(election(client, name)) : Optional.<Election>empty();
        return new ControllerProcess(proxy, client, loop, meters, election, name);
    }

    /** What a dead process hears has no effect: its way to the API server is cut. */
    private static ReportFeed reports(Ports gateway, InstallationSource source) {
        return ControllerRole.reports(
                VERTX,
                () -> new ReportListener.Gateway(
                        "127.0.0.1", gateway.readers(), source.installation().trustBundle(), source.sessionMaster()));
    }

    private void live() {
        try {
            if (election.isPresent()) {
                election.get().await();
            }
            while (!started()) {
                Thread.sleep(RESTART);
                operator = loop.get();
            }
        } catch (InterruptedException died) {
            // while it waited or started
        }
    }

    private boolean started() {
        try {
            operator.start();
            return true;
        } catch (RuntimeException failed) {
            return dead; // its way to the API server was cut: no failure of a start
        }
    }

    private static Election election(KubernetesClient client, String name) {
        var pace = new Election.Pace(Duration.ofMillis(2000), Duration.ofMillis(1500), Duration.ofMillis(300));
        return new Election(client, Installed.NAMESPACE, name, pace, () -> {});
    }

    /** What the controller lays ready before it starts to look at executions. */
    static InstallationSource source(KubernetesClient client) {
        return new InstallationSource(
                client,
                new TrustKeeper(
                        client, Installed.NAMESPACE, new CertificateAuthority(Installed.NAMESPACE, new SecureRandom())),
                Installed.NAMESPACE,
                Installed.LAUNCHER,
                LauncherDelivery.ImageVolume,
                "0.1.0");
    }

    static Config config(FaultProxy proxy) {
        var config = Config.empty();
        config.setMasterUrl(proxy.url());
        config.setNamespace(Installed.NAMESPACE);
        config.setHttp2Disable(true);
        return config;
    }

    /** Of how many executions it says that they are there. */
    int stored() {
        return (int) meters.get("corral.executions.stored").gauge().value();
    }

    FaultProxy proxy() {
        return proxy;
    }

    /** How often it looked at objects of this kind. */
    int looks(String kind) {
        var counter = meters.find("corral.looks").tag("kind", kind).counter();
        return counter == null ? 0 : (int) counter.count();
    }

    /** What a leader does that is told to end: its loops stop, then it gives the lease back. */
    void resign() {
        operator.stop();
        election.orElseThrow().close();
    }

    /** Cut off first, so that nothing its threads do on the way out has an effect. */
    @Override
    public void close() {
        dead = true;
        proxy.close();
        election.filter(candidate -> !candidate.leads()).ifPresent(waits -> starting.interrupt());
        election.ifPresent(Election::close);
        Thread.ofPlatform().daemon().start(() -> {
            try {
                // an informer that starts on a closed client would end this JVM: the SDK takes that for the end of the
                // operator
                starting.join(Duration.ofSeconds(20));
                operator.stop();
                client.close();
            } catch (InterruptedException | RuntimeException dead) {
                // nobody waits for it
            }
        });
    }
}
