package dev.corral.operator.gateway;

import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.Parsed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way out to granted host names: a launcher's CONNECT becomes a connection to an address this process resolved itself, once, and
 * carries only what names the same host in its first bytes. It adds nothing to what it carries. Everything is counted per run and as a
 * whole, apart from the requests of the other routes.
 */
final class Tunnels {
    private static final Logger log = LoggerFactory.getLogger(Tunnels.class);
    /** The resolver blocks a thread of the operating system; these few are all it gets, whoever asks how often. */
    private static final int RESOLVING = 8;

    private static final int WAITING = 64;
    /** Different refusals of one run that become Events. */
    private static final int ANNOUNCED = 20;

    private final Egress egress;
    private final Executions executions;
    private final PluginEvents events;
    private final NetClient client;
    private final ExecutorService resolvers = new ThreadPoolExecutor(
            RESOLVING,
            RESOLVING,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("resolver-", 0).factory());
    private final Vertx vertx;
    private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
    private final Recent<SessionId, AtomicLong> bytes = new Recent<>(8192);
    private final Recent<SessionId, Set<String>> announced = new Recent<>(8192);

    Tunnels(Vertx vertx, Egress egress, Executions executions, PluginEvents events) {
        this.vertx = vertx;
        this.egress = egress;
        this.executions = executions;
        this.events = events;
        this.client = vertx.createNetClient(
                new NetClientOptions().setConnectTimeout((int) egress.patience().toMillis()));
    }

    /** One granted name on its way: who asked, and both ends once there are any. */
    private static final class Tunnel {
        private final BoundRun run;
        private final HostPattern target;
        private volatile List<NetSocket> ends = List.of();

        private Tunnel(BoundRun run, HostPattern target) {
            this.run = run;
            this.target = target;
        }

        private void close() {
            ends.forEach(NetSocket::close);
        }
    }

    /** Blocks until the tunnel stands; what is refused is thrown, and announced where a grant would have helped. */
    void open(Exchange exchange, BoundRun run) {
        HostPattern target = target(exchange.target());
        if (run.stopOrder().isPresent()) {
            throw Refusal.notBound();
        }
        judge(run, target);
        Tunnel tunnel = admit(new Tunnel(run, target));
        try {
            NetSocket outside = connect(tunnel);
            tunnel.ends = List.of(outside);
            NetSocket inside = exchange.tunnel();
            tunnel.ends = List.of(inside, outside);
            if (!open.contains(tunnel)) { // cut while it was made
                tunnel.close();
                return;
            }
            inside.closeHandler(gone -> end(tunnel));
            outside.closeHandler(gone -> end(tunnel));
            listen(tunnel, inside, outside);
        } catch (RuntimeException | Error failed) {
            end(tunnel);
            throw failed;
        }
    }

    /** Cuts what belongs to runs that have ended, moved on or been told to stop. */
    void cutEnded() {
        for (Tunnel tunnel : open) {
            boolean live = executions
                    .boundTo(tunnel.run.id())
                    .filter(run -> !run.ended() && run.stopOrder().isEmpty() && !run.cancelled())
                    .isPresent();
            if (!live) {
                end(tunnel);
            }
        }
    }

    /** Tunnels that stand or are being made. */
    int count() {
        return open.size();
    }

    void close() {
        open.forEach(this::end);
        resolvers.shutdownNow();
    }

    private static HostPattern target(String text) {
        if (text.indexOf(':') > 0
                && HostPattern.parse(text, "target") instanceof Parsed.Value<HostPattern>(var host)
                && !host.subdomains()
                && host.ports().from() == host.ports().to()) {
            return host;
        }
        throw new Refusal(
                403,
                "NotAHostName",
                "only host names are reached by proxy, with one port; addresses are network.cidrs");
    }

    private void judge(BoundRun run, HostPattern target) {
        int port = target.ports().from();
        if (run.denies(target.name(), port)) {
            announce(run, target, "it is denied; network.denyHosts has it");
            throw new Refusal(403, "HostDenied", target + " is denied by network.denyHosts");
        }
        if (run.hosts().stream().noneMatch(granted -> granted.matches(target.name(), port))) {
            announce(
                    run,
                    target,
                    "it is not granted; the plugin would have to ask for it with permissions: {network: {hosts: [\""
                            + target + "\"]}}, and a policy grant the same");
            throw new Refusal(403, "HostNotGranted", target + " is not granted");
        }
    }

    private Tunnel admit(Tunnel tunnel) {
        synchronized (open) {
            long ofRun = open.stream()
                    .filter(other -> other.run.id().equals(tunnel.run.id()))
                    .count();
            if (ofRun >= egress.tunnelsPerRun() || open.size() >= egress.tunnels()) {
                throw new Refusal(
                        429, "TooManyTunnels", "close connections first: a run has " + egress.tunnelsPerRun());
            }
            if (used(tunnel.run).get() >= egress.bytesPerRun()) {
                throw new Refusal(429, "TooManyBytes", "the run has moved " + egress.bytesPerRun() + " bytes");
            }
            open.add(tunnel);
            return tunnel;
        }
    }

    private AtomicLong used(BoundRun run) {
        return bytes.computeIfAbsent(run.id(), id -> new AtomicLong());
    }

    private NetSocket connect(Tunnel tunnel) {
        HostPattern target = tunnel.target;
        List<InetAddress> answer = resolve(target.name());
        List<InetAddress> reachable =
                answer.stream().filter(egress.addresses()::contain).toList();
        if (reachable.isEmpty()) {
            announce(tunnel.run, target, "it leads to private, cluster or reserved addresses, which no grant opens");
            throw new Refusal(403, "AddressRefused", target + " leads only to private, cluster or reserved addresses");
        }
        // pinned: the name is not looked up again
        var pinned = SocketAddress.inetSocketAddress(
                target.ports().from(), reachable.getFirst().getHostAddress());
        try {
            return await(client.connect(pinned).map(NetSocket::pause));
        } catch (ExecutionException | TimeoutException failed) {
            log.atDebug().setCause(failed).log("a granted host was not reached");
            throw new Refusal(502, "Unreachable", target + " does not answer");
        }
    }

    private List<InetAddress> resolve(String name) {
        try {
            return resolvers
                    .submit(() -> egress.names().of(name))
                    .get(egress.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException busy) {
            throw new Refusal(503, "Busy", "too many names are being resolved; ask again");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Exchange.Disconnected(stop);
        } catch (ExecutionException | TimeoutException failed) {
            if (failed.getCause() instanceof RuntimeException bug) {
                throw bug;
            }
            log.atDebug().setCause(failed).log("a granted host was not resolved");
            throw new Refusal(
                    502,
                    "Unresolvable",
                    name
                            + (failed.getCause() instanceof UnknownHostException
                                    ? " has no address"
                                    : " was not resolved"));
        }
    }

    /** Holds back what the client says until it has named the host, and nothing else but what it names. */
    private void listen(Tunnel tunnel, NetSocket inside, NetSocket outside) {
        Buffer held = Buffer.buffer();
        long timer = vertx.setTimer(egress.patience().toMillis(), late -> {
            refuse(tunnel, "its client named nobody in time");
        });
        inside.handler(piece -> {
            if (held.length() > FirstBytes.MOST) {
                return; // refused: what is still under way is dropped
            }
            held.appendBuffer(piece);
            FirstBytes said = FirstBytes.read(held.getBytes());
            if (said instanceof FirstBytes.More) {
                return;
            }
            vertx.cancelTimer(timer);
            objection(tunnel.target, said)
                    .ifPresentOrElse(why -> refuse(tunnel, why), () -> pass(tunnel, inside, outside, held));
        });
        inside.resume();
    }

    /** Why what a client said first may not go to this host; empty if it may. */
    static Optional<String> objection(HostPattern target, FirstBytes said) {
        return switch (said) {
            case FirstBytes.More() -> Optional.of("what its client sent names nobody");
            case FirstBytes.Unreadable(var why) -> Optional.of("what its client sent " + why);
            case FirstBytes.Tls(var name) -> another(target, "TLS", name);
            case FirstBytes.Http(var name) ->
                target.ports().from() == 443
                        ? Optional.of("what its client sent is plain HTTP, and on port 443 only TLS passes")
                        : another(target, "HTTP", name);
        };
    }

    private static Optional<String> another(HostPattern target, String protocol, String name) {
        return name.equals(target.name())
                ? Optional.empty()
                : Optional.of("what its client sent is " + protocol + " for " + PlainText.line(name, 253));
    }

    private void pass(Tunnel tunnel, NetSocket inside, NetSocket outside, Buffer held) {
        pump(tunnel, inside, outside);
        pump(tunnel, outside, inside);
        count(tunnel, held);
        outside.write(held);
        outside.resume();
    }

    private void pump(Tunnel tunnel, NetSocket from, NetSocket to) {
        from.handler(piece -> {
            count(tunnel, piece);
            to.write(piece);
            if (to.writeQueueFull()) {
                from.pause();
                to.drainHandler(room -> from.resume());
            }
        });
    }

    private void count(Tunnel tunnel, Buffer piece) {
        if (used(tunnel.run).addAndGet(piece.length()) > egress.bytesPerRun()) {
            refuse(tunnel, "the run has moved more than " + egress.bytesPerRun() + " bytes");
        }
    }

    private void refuse(Tunnel tunnel, String why) {
        end(tunnel);
        // the API server is not asked on an event loop
        Thread.startVirtualThread(() -> announce(tunnel.run, tunnel.target, why));
    }

    private void end(Tunnel tunnel) {
        open.remove(tunnel);
        tunnel.close();
    }

    /** One Event for each host and reason of a run, and only so many of them. */
    private void announce(BoundRun run, HostPattern target, String why) {
        Set<String> said = announced.computeIfAbsent(run.id(), id -> ConcurrentHashMap.newKeySet());
        if (said.size() >= ANNOUNCED || !said.add(target + " " + why)) {
            return;
        }
        try {
            String suffix = "host-"
                    + Digests.sha256((target + " " + why).getBytes(StandardCharsets.UTF_8))
                            .substring(0, 12);
            events.announceRefused(run, suffix, "A connection to " + target + " was refused: " + why + ".");
        } catch (ClusterUnavailable unavailable) {
            log.atWarn().setCause(unavailable).log("a refused host was not announced");
            said.remove(target + " " + why);
        }
    }

    private <T> T await(Future<T> future) throws ExecutionException, TimeoutException {
        try {
            return future.toCompletionStage()
                    .toCompletableFuture()
                    .get(2 * egress.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Exchange.Disconnected(stop);
        }
    }
}
