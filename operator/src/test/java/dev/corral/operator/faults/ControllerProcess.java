package dev.corral.operator.faults;

import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.operator.ControllerRole;
import dev.corral.operator.OperatorConfig;
import dev.corral.operator.cluster.Clients;
import dev.corral.operator.cluster.Election;
import dev.corral.operator.cluster.InstallationSource;
import dev.corral.operator.cluster.TrustKeeper;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.tls.CertificateAuthority;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** One life of a controller, from its start to its death; what the role does, on a way to the API server of our own. */
final class ControllerProcess implements AutoCloseable {
    private static final Duration PENDING = Duration.ofMinutes(5);
    private static final InstantSource CLOCK = InstantSource.system();

    private final FaultProxy proxy;
    private final KubernetesClient client;
    private final Operator operator;
    private final PrometheusMeterRegistry meters;
    private final Optional<Election> election;
    private final Thread starting;

    private ControllerProcess(
            FaultProxy proxy,
            KubernetesClient client,
            Operator operator,
            PrometheusMeterRegistry meters,
            Optional<Election> election,
            Thread starting) {
        this.proxy = proxy;
        this.client = client;
        this.operator = operator;
        this.meters = meters;
        this.election = election;
        this.starting = starting;
    }

    static ControllerProcess start(FaultProxy proxy) {
        return start(proxy, "controller-0", false, PENDING);
    }

    /** With less patience for pods that do not start. */
    static ControllerProcess start(FaultProxy proxy, Duration pending) {
        return start(proxy, "controller-0", false, pending);
    }

    /** With a lease that is lost soon enough to wait for. */
    static ControllerProcess candidate(FaultProxy proxy, String name) {
        return start(proxy, name, true, PENDING);
    }

    private static ControllerProcess start(FaultProxy proxy, String name, boolean elected, Duration pending) {
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
                NamespaceSelector.ALL);
        var source = source(client);
        source.refresh(CLOCK.instant());
        var meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // an informer of a dead process must not end this JVM
        var operator = ControllerRole.loop(
                client,
                settings,
                source,
                meters,
                CLOCK,
                overrider -> overrider.withInformerStoppedHandler((informer, why) -> {}));
        // a process that leads no more would end, and this one's way to the API server is cut by then
        var election = elected ? Optional.of(election(client, name)) : Optional.<Election>empty();
        var starting = Thread.ofPlatform().daemon().name(name).start(() -> {
            try {
                if (election.isPresent()) {
                    election.get().await();
                }
                operator.start();
            } catch (InterruptedException | RuntimeException failed) {
                // died while it waited or started
            }
        });
        return new ControllerProcess(proxy, client, operator, meters, election, starting);
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
