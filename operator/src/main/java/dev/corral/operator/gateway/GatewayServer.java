package dev.corral.operator.gateway;

import dev.corral.operator.spec.Recent;
import dev.corral.operator.tls.CipherSuites;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway's listeners: port A for launchers, port B that no launcher may reach, one for tunnels to host names, and one for readers of artifacts and the controller. Each request runs
 * on a virtual thread of its own; what it means is in {@link LauncherRoutes} and {@link ReaderRoutes}.
 */
public final class GatewayServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GatewayServer.class);
    /** Seconds, longer than a long poll and than the patience with any single step. */
    private static final int QUIET = 90;

    /** How long what is remembered of runs outlives them, at most. */
    private static final Duration FORGET_EVERY = Duration.ofSeconds(10);

    private static final Duration STARTUP = Duration.ofSeconds(30);

    private final GatewayConfig config;
    private final GatewayCluster cluster;
    private final ArtifactStore store;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Runnable outlived;
    private final Executions executions = new Executions();
    private final Sentinel sentinel = new Sentinel();
    // Each port has loops of its own: what comes to one, from runs or from whoever is in the cluster, keeps nobody
    // waiting at another.
    private final Vertx launching;
    private final Vertx watching;
    private final Vertx reading;
    private final Vertx connecting;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private volatile @Nullable Listening listening;
    private volatile @Nullable Tunnels tunnels;
    private volatile @Nullable ReportStream reports;
    private volatile List<Recent<SessionId, ?>> memories = List.of();

    /**
     * {@code outlived}: what a process does whose sessions were all proven with a master that is the master no more. It ends: of what
     * it knows, and of who is connected, nothing may outlive that key.
     */
    public GatewayServer(
            GatewayConfig config,
            GatewayCluster cluster,
            ArtifactStore store,
            InstantSource clock,
            RandomGenerator random,
            Runnable outlived) {
        this.config = config;
        this.cluster = cluster;
        this.store = store;
        this.clock = clock;
        this.random = random;
        this.outlived = outlived;
        this.launching = loops(2, 4 * config.connections());
        this.watching = loops(1, config.connections());
        this.reading = loops(1, config.connections());
        this.connecting = loops(2, 2 * config.connections());
    }

    private Vertx loops(int count, int connections) {
        return ConnectionLimit.limited(
                new VertxOptions()
                        .setEventLoopPoolSize(count)
                        // no files in /tmp: the root file system is read-only
                        .setFileSystemOptions(new FileSystemOptions()
                                .setFileCachingEnabled(false)
                                .setClassPathResolvingEnabled(false)),
                clock,
                connections);
    }

    /** Listens once the controller has laid certificate and key ready and every execution is known; blocks until then. */
    public void start() throws InterruptedException {
        var material = cluster.servingMaterial();
        while (material.isEmpty()) {
            log.atInfo().log("waiting for the controller to make certificate and session key");
            Thread.sleep(Duration.ofSeconds(1));
            material = cluster.servingMaterial();
        }
        cluster.watch(executions);
        var events = new PluginEvents(cluster, clock, config.instance());
        var keys = new SessionKeys(material.get().master());
        var sources = new Sources(cluster, executions, store, clock);
        var assignments = new Assignments(cluster, sources);
        var doorkeeper = Doorkeeper.ofReviews(clock);
        var sessions = new LauncherSessions(
                doorkeeper, cluster, executions, assignments, sentinel, keys, clock, random, config.poll());
        var refusals = new Refusals();
        var stream = new ReportStream(executions, keys);
        this.reports = stream;
        var reports = new ReportInbox(cluster, store, events, refusals, stream);
        var tunnels = new Tunnels(connecting, config.egress(), executions, reports, events, refusals, clock);
        this.tunnels = tunnels;
        var outputs = new Outputs();
        this.memories = List.of(events.memory(), refusals.memory(), reports.memory(), outputs.memory());
        var launchers = new LauncherRoutes(
                doorkeeper,
                sessions,
                executions,
                reports,
                events,
                tunnels,
                store,
                outputs,
                sources,
                clock,
                config.settle());
        var readers = new ReaderRoutes(Doorkeeper.ofReviews(clock), stream, cluster, executions, store, clock);
        var portA = http(launching, config.launcherPort(), material.get(), launchers::handle);
        var portB = sentinel();
        var artifacts = http(reading, config.readerPort(), material.get(), readers::handle);
        var hosts = http(connecting, config.tunnelPort(), material.get(), launchers::tunnel);
        listening = new Listening(portA, portB, artifacts, hosts, material.get());
        threads.execute(this::sweep); // until then the store does not know what each namespace has
        launching.setPeriodic(config.sweepEvery().toMillis(), timer -> threads.execute(this::sweep));
        launching.setPeriodic(config.reloadEvery().toMillis(), timer -> threads.execute(this::reload));
        launching.setPeriodic(FORGET_EVERY.toMillis(), timer -> threads.execute(this::forget));
        launching.setPeriodic(config.egress().cutEvery().toMillis(), timer -> tunnels.cutEnded());
        log.atInfo()
                .addKeyValue("launchers", portA.actualPort())
                .addKeyValue("sentinel", portB.actualPort())
                .addKeyValue("readers", artifacts.actualPort())
                .log("gateway listens");
    }

    /** Whether launchers get answers that are worth something. */
    public boolean healthy() {
        return listening != null && cluster.watching();
    }

    /** Whether a controller listens for reports. */
    boolean isHeard() {
        var stream = reports;
        return stream != null && stream.isHeard();
    }

    /** What serves readers and nobody else. */
    Vertx readerLoops() {
        return reading;
    }

    int launcherPort() {
        return listening().launchers().actualPort();
    }

    int sentinelPort() {
        return listening().sentinel().actualPort();
    }

    int tunnelPort() {
        return listening().tunnels().actualPort();
    }

    int readerPort() {
        return listening().readers().actualPort();
    }

    /** Serves the certificate that is in the Secret now; connections that are open stay as they are. */
    void reload() {
        try {
            var before = listening();
            var material = cluster.servingMaterial();
            if (material.isPresent() && !material.get().hasMasterOf(before.material())) {
                log.atWarn().log("the session key is another one: this gateway makes way for the next");
                outlived.run();
                return;
            }
            if (material.isEmpty()
                    || material.get().certificate().equals(before.material().certificate())) {
                return;
            }
            var options = tls(config.launcherPort(), material.get(), QUIET).getSslOptions();
            await(before.launchers().updateSSLOptions(options));
            await(before.readers().updateSSLOptions(options));
            await(before.tunnels().updateSSLOptions(options));
            listening = new Listening(
                    before.launchers(), before.sentinel(), before.readers(), before.tunnels(), material.get());
            log.atInfo().log("gateway serves a new certificate");
        } catch (RuntimeException failed) {
            log.atWarn().setCause(failed).log("certificate was not renewed; the old one is served on");
        }
    }

    void sweep() {
        try {
            if (cluster.watching()) {
                store.sweep(executions::lives);
            }
        } catch (IOException | RuntimeException failed) {
            log.atWarn().setCause(failed).log("artifact store was not swept");
        }
    }

    /** Of each run the gateway remembers what makes saying things twice harmless. A gateway lives longer than its memory would. */
    void forget() {
        memories.forEach(memory -> memory.forget(executions::isOver));
    }

    /** Of how many runs, counted once for each kind of memory. */
    int remembered() {
        return memories.stream().mapToInt(Recent::size).sum();
    }

    @Override
    public void close() {
        listening = null;
        threads.shutdownNow();
        var open = tunnels;
        if (open != null) {
            open.close();
        }
        for (var loops : List.of(connecting, reading, watching, launching)) {
            await(loops.close());
        }
    }

    private HttpServer http(Vertx loops, int port, ServingMaterial material, Consumer<Exchange> routes) {
        var server = OneByOne.server(
                loops, tls(port, material, loops == connecting ? (int) Egress.QUIET.toSeconds() : QUIET));
        server.requestHandler(request -> {
            var exchange = new Exchange(loops, request, config.bodyTime());
            threads.execute(() -> answer(exchange, routes));
        });
        return await(server.listen());
    }

    private NetServer sentinel() {
        var server = watching.createNetServer(
                new NetServerOptions().setHost(config.host()).setPort(config.sentinelPort()));
        server.connectHandler(socket -> {
            sentinel.saw(socket.remoteAddress().hostAddress());
            socket.close();
        });
        return await(server.listen());
    }

    private HttpServerOptions tls(int port, ServingMaterial material, int quiet) {
        var options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(port)
                .setSsl(true)
                .setUseAlpn(false)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(Buffer.buffer(material.certificate()))
                        .addKeyValue(Buffer.buffer(material.key())))
                .setHandle100ContinueAutomatically(true)
                .setMaxInitialLineLength(2048)
                .setMaxHeaderSize(16 * 1024)
                .setIdleTimeout(quiet)
                .setIdleTimeoutUnit(TimeUnit.SECONDS);
        CipherSuites.LIGHTEST_FIRST.forEach(options::addEnabledCipherSuite);
        return options;
    }

    /** The one place that answers whatever went wrong with a request. */
    private static void answer(Exchange exchange, Consumer<Exchange> routes) {
        try {
            routes.accept(exchange);
        } catch (Exchange.Disconnected gone) {
            log.atDebug().setCause(gone).log("peer went away");
            exchange.abort();
        } catch (Refusal refusal) {
            fail(exchange, refusal);
        } catch (ClusterUnavailable unavailable) {
            log.atWarn()
                    .setCause(unavailable)
                    .addKeyValue("path", exchange.path())
                    .log("request must be repeated");
            fail(exchange, new Refusal(503, "Unavailable", "ask again"));
        } catch (RuntimeException | Error bug) {
            // an Error too: a request must be answered whatever fails, or a launcher waits for nothing
            log.atError().setCause(bug).addKeyValue("path", exchange.path()).log("request failed");
            fail(exchange, new Refusal(500, "InternalError", "see the gateway's log"));
        }
    }

    private static void fail(Exchange exchange, Refusal refusal) {
        try {
            if (exchange.answered()) {
                exchange.abort();
            } else {
                exchange.refuse(refusal);
            }
        } catch (Exchange.Disconnected gone) {
            log.atDebug().setCause(gone).log("peer went away before its answer");
        }
    }

    private Listening listening() {
        var now = listening;
        if (now == null) {
            throw new IllegalStateException("the gateway does not listen");
        }
        return now;
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(STARTUP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", stop);
        } catch (ExecutionException | TimeoutException failed) {
            throw new IllegalStateException("the listeners could not be changed", failed);
        }
    }

    private record Listening(
            HttpServer launchers,
            NetServer sentinel,
            HttpServer readers,
            HttpServer tunnels,
            ServingMaterial material) {}
}
