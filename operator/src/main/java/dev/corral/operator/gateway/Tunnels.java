package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.RefusedConnection;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.spec.Recent;
import dev.corral.operator.status.PlainText;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way out to granted host names: a launcher's CONNECT becomes a connection to an address this process resolved itself, once, and
 * carries only what names the same host in its first bytes. It adds nothing to what it carries. Everything is counted per run and as a
 * whole, and runs on event loops of its own, apart from the requests of the other routes.
 */
final class Tunnels {
    private static final Logger log = LoggerFactory.getLogger(Tunnels.class);
    private static final int LONGEST_TARGET = 300;
    private static final Pattern LITERAL = Pattern.compile("\\[?([0-9a-fA-F:.]+)\\]?:([0-9]{1,5})");

    private final Egress egress;
    private final Executions executions;
    private final ReportInbox reports;
    private final PluginEvents events;
    private final Refusals refusals;
    private final InstantSource clock;
    private final Dialer dialer;
    private final Vertx vertx;
    private final Set<Tunnel> open = ConcurrentHashMap.newKeySet();
    private final Recent<SessionId, Used> used = new Recent<>(8192);

    Tunnels(
            Vertx vertx,
            Egress egress,
            Executions executions,
            ReportInbox reports,
            PluginEvents events,
            Refusals refusals,
            InstantSource clock) {
        this.vertx = vertx;
        this.egress = egress;
        this.executions = executions;
        this.reports = reports;
        this.events = events;
        this.refusals = refusals;
        this.clock = clock;
        this.dialer = new Dialer(vertx, egress);
    }

    /** What a run has had so far. */
    private record Used(AtomicLong bytes, TokenBucket pace, Dialer.Turns lookups) {}

    /** One granted name on its way: who asked, and both ends once there are any. */
    private static final class Tunnel {
        private final BoundRun run;
        private final HostPattern target;
        private final AtomicBoolean over = new AtomicBoolean();
        private final CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        private volatile List<NetSocket> ends = List.of();
        private volatile boolean passing;
        private int closed;

        private Tunnel(BoundRun run, HostPattern target) {
            this.run = run;
            this.target = target;
        }

        /** Each end is still given what is under way to it. */
        private void close() {
            ends.forEach(NetSocket::close);
        }

        private void abort() {
            ends.forEach(Flow::abort);
        }

        private synchronized boolean lostBoth() {
            closed++;
            return closed == 2;
        }
    }

    /** Blocks until the tunnel stands; what is refused is thrown, and told in status and Event. */
    void open(Exchange exchange, BoundRun run) {
        if (run.stopOrder().isPresent() || run.reported()) {
            throw Refusal.notBound();
        }
        HostPattern target = target(run, exchange.target());
        judge(run, target);
        Tunnel tunnel = admit(new Tunnel(run, target));
        try {
            NetSocket outside = connect(tunnel, exchange);
            tunnel.ends = List.of(outside);
            NetSocket inside = exchange.tunnel();
            tunnel.ends = List.of(inside, outside);
            if (tunnel.over.get()) { // cut while it was made
                drop(tunnel);
                return;
            }
            listen(tunnel, inside, outside);
        } catch (RuntimeException | Error failed) {
            drop(tunnel);
            throw failed;
        }
    }

    /** Cuts what belongs to runs that have ended, moved on or been told to stop. */
    void cutEnded() {
        for (Tunnel tunnel : open) {
            boolean live = executions
                    .boundTo(tunnel.run.id(), Optional.of(tunnel.run.uid()))
                    .filter(run -> !run.ended() && run.stopOrder().isEmpty() && !run.cancelled())
                    .isPresent();
            if (!live) {
                end(tunnel);
            }
        }
    }

    void close() {
        open.forEach(this::end);
        dialer.close();
    }

    private HostPattern target(BoundRun run, String text) {
        if (text.indexOf(':') > 0
                && HostPattern.parse(text, "target") instanceof Parsed.Value<HostPattern>(var host)
                && !host.subdomains()
                && host.ports().from() == host.ports().to()) {
            return host;
        }
        throw refused(
                403,
                run,
                new RefusedConnection(
                        PlainText.line(text, LONGEST_TARGET),
                        "NotAHostName",
                        "the proxy takes host names with one port; addresses are reached without it where network.cidrs grants them",
                        block(text)
                                .map(cidr -> "{network: {cidrs: [\"" + cidr + "\"]}}")
                                .orElse(null),
                        1));
    }

    /** The address block that would stand in {@code network.cidrs}, where the text is an address and a port. */
    private static Optional<String> block(String text) {
        Matcher literal = LITERAL.matcher(text);
        if (!literal.matches()) {
            return Optional.empty();
        }
        try {
            InetAddress address = InetAddress.ofLiteral(literal.group(1));
            return Optional.of(
                    address.getHostAddress() + (address instanceof Inet4Address ? "/32:" : "/128:") + literal.group(2));
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    private void judge(BoundRun run, HostPattern target) {
        int port = target.ports().from();
        run.denies(target.name(), port).ifPresent(rule -> {
            String why = "it is denied by " + PlainText.line(rule, 600) + ", and what is denied is never granted";
            throw refused(403, run, line(target, "HostDenied", why, null));
        });
        if (run.hosts().stream().noneMatch(granted -> granted.matches(target.name(), port))) {
            throw refused(
                    403,
                    run,
                    line(
                            target,
                            "HostNotGranted",
                            "it is not granted: the plugin has to ask for it (permissions:), and a ClusterPluginPolicy to grant it (grants:)",
                            "{network: {hosts: [\"" + target + "\"]}}"));
        }
    }

    private Tunnel admit(Tunnel tunnel) {
        Used had = used(tunnel.run);
        synchronized (had.pace) {
            if (!had.pace.take(clock.instant())) {
                throw tooMuch(tunnel, "TooManyTunnels", "the run opens connections faster than 50 a second");
            }
        }
        synchronized (open) {
            long ofRun = open.stream()
                    .filter(other -> other.run.id().equals(tunnel.run.id()))
                    .count();
            if (ofRun >= egress.tunnelsPerRun()) {
                throw tooMuch(tunnel, "TooManyTunnels", "the run has " + egress.tunnelsPerRun() + " connections open");
            }
            if (open.size() >= egress.tunnels()) {
                throw new Refusal(503, "Busy", "the gateway has " + egress.tunnels() + " connections open; ask again");
            }
            long ofNamespace = open.stream()
                    .filter(other -> other.run
                            .name()
                            .namespace()
                            .equals(tunnel.run.name().namespace()))
                    .count();
            if (ofNamespace > 0 && !FairShare.allows(ofNamespace + 1, egress.tunnels() - open.size() - 1)) {
                throw tooMuch(
                        tunnel, "TooManyTunnels", "the namespace has " + ofNamespace + " connections open, its share");
            }
            if (had.bytes.get() >= egress.bytesPerRun()) {
                throw tooMuch(tunnel, "TooManyBytes", "the run has moved " + egress.bytesPerRun() + " bytes");
            }
            open.add(tunnel);
            return tunnel;
        }
    }

    private Refusal tooMuch(Tunnel tunnel, String code, String why) {
        return refused(429, tunnel.run, line(tunnel.target, code, why + "; no policy raises that", null));
    }

    private Used used(BoundRun run) {
        return used.computeIfAbsent(
                run.id(),
                id -> new Used(
                        new AtomicLong(),
                        new TokenBucket(egress.burst(), Egress.PACE),
                        dialer.turns(run.name().namespace())));
    }

    private NetSocket connect(Tunnel tunnel, Exchange exchange) {
        HostPattern target = tunnel.target;
        Supplier<Refusal> crowded = () -> tooMuch(
                tunnel,
                "TooManyLookups",
                Dialer.PER_RUN + " names of the run, or " + Dialer.PER_NAMESPACE
                        + " of its namespace, are looked up and not answered yet");
        InetAddress address = dialer.resolve(target.name(), used(tunnel.run).lookups, tunnel.found, crowded)
                .orElseThrow(() -> refused(
                        403,
                        tunnel.run,
                        line(
                                target,
                                "AddressRefused",
                                "it leads only to private, cluster or reserved addresses; an administrator opens private ones with"
                                        + " the chart's gateway.egress.allowedRanges",
                                null)));
        return dialer.connect(target, address, exchange);
    }

    /** Holds back what the client says until it has named the host, and nothing else but what it names. */
    private void listen(Tunnel tunnel, NetSocket inside, NetSocket outside) {
        var pieces = new FirstBytes.Pieces(FirstBytes::read);
        long timer = vertx.setTimer(egress.patience().toMillis(), late -> {
            cut(tunnel, "NameMismatch", "its client named no host in time");
        });
        inside.closeHandler(gone -> {
            vertx.cancelTimer(timer);
            lost(tunnel, outside);
        });
        outside.closeHandler(gone -> lost(tunnel, inside));
        inside.endHandler(said -> end(tunnel)); // before it named anybody
        inside.handler(piece -> {
            if (tunnel.over.get()) {
                return; // refused: what is still under way is dropped
            }
            FirstBytes said = pieces.and(piece);
            if (said instanceof FirstBytes.More) {
                return;
            }
            vertx.cancelTimer(timer);
            said.objection(tunnel.target)
                    .ifPresentOrElse(
                            why -> cut(tunnel, "NameMismatch", why),
                            () -> pass(tunnel, inside, outside, pieces.held()));
        });
        Flow.release(inside);
    }

    private void pass(Tunnel tunnel, NetSocket inside, NetSocket outside, Buffer held) {
        tunnel.passing = true;
        Flow.between(inside, outside, piece -> count(tunnel, piece));
        Flow.between(outside, inside, piece -> count(tunnel, piece));
        count(tunnel, held);
        outside.write(held);
        Flow.release(outside);
    }

    /** One end is gone. What it sent before is still on its way to the other, which ends when it has it all. */
    private void lost(Tunnel tunnel, NetSocket other) {
        if (tunnel.lostBoth()) {
            open.remove(tunnel);
            return;
        }
        if (!tunnel.passing) {
            end(tunnel);
            return;
        }
        other.handler(unwanted -> count(tunnel, unwanted)); // unread, it would turn the end into a reset
        Flow.release(other);
    }

    private void count(Tunnel tunnel, Buffer piece) {
        if (used(tunnel.run).bytes.addAndGet(piece.length()) > egress.bytesPerRun()) {
            cut(
                    tunnel,
                    "TooManyBytes",
                    "the run has moved more than " + egress.bytesPerRun() + " bytes; no policy raises that");
        }
    }

    private void cut(Tunnel tunnel, String code, String why) {
        if (end(tunnel)) {
            refused(403, tunnel.run, line(tunnel.target, code, why, null));
        }
    }

    /** Whether it had not ended before. An end that does not take what is under way to it is given up soon: it might never. */
    private boolean end(Tunnel tunnel) {
        if (tunnel.over.getAndSet(true)) {
            return false;
        }
        tunnel.found.cancel(false);
        tunnel.close();
        vertx.setTimer(egress.patience().toMillis(), late -> drop(tunnel));
        return true;
    }

    private void drop(Tunnel tunnel) {
        open.remove(tunnel);
        tunnel.abort();
    }

    private static RefusedConnection line(HostPattern target, String code, String why, @Nullable String allow) {
        return new RefusedConnection(target.toString(), code, why, allow, 1);
    }

    /** Counts it, tells of it if it is a new one, and says it to the launcher. */
    private Refusal refused(int status, BoundRun run, RefusedConnection line) {
        if (refusals.add(run.id(), line)) {
            // neither the launcher nor an event loop waits for the API server
            Thread.startVirtualThread(() -> tell(run, line));
        }
        return new Refusal(status, line.reason(), line.host() + ": " + line.message());
    }

    private void tell(BoundRun run, RefusedConnection line) {
        String allow = line.allow() == null ? "" : " Allowed by: " + line.allow();
        String note = "A connection to " + line.host() + " was refused: " + line.message() + "." + allow;
        String suffix =
                "host-" + Digests.sha256(note.getBytes(StandardCharsets.UTF_8)).substring(0, 12);
        try {
            events.announceRefused(run, suffix, PlainText.line(note, 1024));
            reports.refused(run);
        } catch (ClusterUnavailable unavailable) {
            log.atWarn().setCause(unavailable).log("a refused connection stands in the report only");
        } catch (Refusal over) {
            log.atDebug().setCause(over).log("the run is over");
        }
    }
}
