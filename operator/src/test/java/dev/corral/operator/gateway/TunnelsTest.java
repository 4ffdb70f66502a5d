package dev.corral.operator.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.RefusedConnection;
import dev.corral.operator.gateway.GatewayFixture.Launcher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TunnelsTest {
    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private Launcher launcher;
    private PluginExecution execution;
    private Echo outside;

    @BeforeEach
    void start() throws Exception {
        outside = new Echo();
        gateway = new GatewayFixture(directory);
        launcher = gateway.launcher("pod-1").opened();
        execution = gateway.claim(Fixtures.execution("check"), launcher, 1, assignment());
        answers("api.example.org", "127.0.0.1");
        answers("admin.example.org", "127.0.0.1");
        answers("private.example.org", "10.96.0.1");
        answers("metadata.example.org", "169.254.169.254");
        answers("flips.example.org", "127.0.0.1", "10.96.0.1");
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        outside.socket.close();
    }

    private DecidedAssignment assignment() {
        return new DecidedAssignment(
                List.of("/app/check"),
                List.of(),
                null,
                null,
                null,
                List.of(),
                List.of(),
                List.of("*.example.org:*"),
                List.of("admin.example.org:*"),
                Fixtures.ASSIGNMENT.limits(),
                null);
    }

    @Test
    void aGrantedNameIsReachedAndNothingIsAdded() throws Exception {
        try (var tunnel = connect("api.example.org:" + outside.port())) {
            assertThat(tunnel.status).isEqualTo(200);
            var request = request("api.example.org") + "body";
            tunnel.send(request);
            assertThat(tunnel.receive(request.length())).isEqualTo(request);
            tunnel.send("and whatever follows");
            assertThat(tunnel.receive(20)).isEqualTo("and whatever follows");
        }
    }

    @Test
    void tlsForTheSameNameIsReached() throws Exception {
        try (var tunnel = connect("API.example.org.:" + outside.port())) {
            var hello = new String(FirstBytesTest.hello("api.example.org"), ISO_8859_1);
            tunnel.send(hello);
            assertThat(tunnel.receive(hello.length())).isEqualTo(hello);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example.test", "example.org", "admin.example.org", "api.example.org.evil.test"})
    void whatIsNotGrantedIsRefusedWithAnEventThatSaysWhatWouldAllowIt(String name) throws Exception {
        for (var i = 0; i < 3; i++) {
            try (var tunnel = connect(name + ":" + outside.port())) {
                assertThat(tunnel.status).isEqualTo(403);
            }
        }
        assertThat(outside.accepted).hasValue(0);
        var target = name + ":" + outside.port();
        assertThat(refusedInTheEnd()).singleElement().satisfies(line -> {
            assertThat(line.host()).isEqualTo(target);
            assertThat(line.times()).isEqualTo(3);
            if (name.startsWith("admin.")) {
                assertThat(line.reason()).isEqualTo("HostDenied");
                assertThat(line.message()).startsWith("it is denied by admin.example.org:*,");
                assertThat(line.allow()).isNull();
            } else {
                assertThat(line.reason()).isEqualTo("HostNotGranted");
                assertThat(line.allow()).isEqualTo("{network: {hosts: [\"" + target + "\"]}}");
            }
        });
        assertThat(gateway.cluster.events.values()).singleElement().satisfies(event -> {
            assertThat(event.getReason()).isEqualTo("HostRefused");
            assertThat(event.getNote()).contains(target).containsAnyOf("network: {hosts", "it is denied by");
        });
    }

    @Test
    void aRefusalStandsInTheStatusWhileTheRunGoesOn() throws Exception {
        try (var tunnel = connect("evil.example.test:" + outside.port())) {
            assertThat(tunnel.text).contains("HostNotGranted");
        }
        await("the status has it").until(() -> {
            var report = gateway.cluster.now(execution).getStatus().report();
            return report != null && report.reason() == null && report.refused() != null;
        });
    }

    @Test
    void refusalsOfARunAreBoundedInStatusAndEvents() throws Exception {
        for (var i = 0; i < 15; i++) {
            try (var tunnel = connect("name-" + i + ".example.test:" + outside.port())) {
                assertThat(tunnel.status).isEqualTo(403);
            }
        }
        assertThat(refusedInTheEnd()).hasSize(Refusals.MOST + 1).last().satisfies(line -> {
            assertThat(line.host()).isEqualTo("(others)");
            assertThat(line.times()).isEqualTo(5);
        });
        assertThat(gateway.cluster.events).hasSize(Refusals.MOST + 1);
    }

    @Test
    void anAddressIsRefusedWithTheBlockThatWouldBeGrantedInstead() throws Exception {
        try (var tunnel = connect("203.0.113.10:443")) {
            assertThat(tunnel.status).isEqualTo(403);
        }
        assertThat(refusedInTheEnd()).singleElement().satisfies(line -> {
            assertThat(line.reason()).isEqualTo("NotAHostName");
            assertThat(line.allow()).isEqualTo("{network: {cidrs: [\"203.0.113.10/32:443\"]}}");
        });
    }

    @Test
    void thePortForTunnelsTakesNothingElseAndThePortForLaunchersNoTunnels() throws Exception {
        var elsewhere =
                new Tunnel(gateway.server.launcherPort(), "api.example.org:" + outside.port(), launcher.authorization);
        try (elsewhere) {
            assertThat(elsewhere.status).isEqualTo(404);
        }
        assertThat(outside.accepted).hasValue(0);
    }

    private List<RefusedConnection> refusedInTheEnd() throws Exception {
        var report = "{'attempt':1,'reason':'HandlerReturned','exitCode':0,'artifacts':[]}".replace('\'', '"');
        assertThat(launcher.ask("POST", "/v1/report", report).status()).isEqualTo(204);
        var refused = gateway.cluster.now(execution).getStatus().report().refused();
        await("as many events as lines").until(() -> gateway.cluster.events.size() == refused.size());
        return refused;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1:80",
                "0x7f.1:80",
                "2130706433:80",
                "[::1]:80",
                "*.example.org:443",
                "api.example.org",
                "api.example.org:1-65535",
                "api.example.org:*",
                "user@api.example.org:443",
                "api.example.org:0",
            })
    void whatIsNoHostNameWithAPortIsRefused(String target) throws Exception {
        try (var tunnel = connect(target)) {
            assertThat(tunnel.status).isBetween(400, 499);
        }
        assertThat(outside.accepted).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"private.example.org", "metadata.example.org"})
    void aGrantedNameThatLeadsInsideIsRefused(String name) throws Exception {
        try (var tunnel = connect(name + ":" + outside.port())) {
            assertThat(tunnel.status).isEqualTo(403);
            assertThat(tunnel.text).contains("AddressRefused");
        }
        assertThat(refusedInTheEnd())
                .singleElement()
                .satisfies(line -> assertThat(line.reason()).isEqualTo("AddressRefused"));
    }

    @Test
    void aNameIsLookedUpOncePerTunnelAndItsAnswerIsPinned() throws Exception {
        try (var first = connect("flips.example.org:" + outside.port())) {
            assertThat(first.status).isEqualTo(200);
            first.send(request("flips.example.org"));
            assertThat(first.receive(3)).isEqualTo("GET");
        }
        try (var second = connect("flips.example.org:" + outside.port())) {
            assertThat(second.status).isEqualTo(403);
        }
        assertThat(outside.accepted).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\nHost: other.example.org\r\n\r\n", "SSH-2.0-x\r\n", "GET / HTTP/1.1\r\n\r\n"})
    void whatNamesAnotherHostOrNoneNeverLeaves(String said) throws Exception {
        try (var tunnel = connect("api.example.org:" + outside.port())) {
            assertThat(tunnel.status).isEqualTo(200);
            tunnel.send(said);
            assertThat(tunnel.receive(1)).isEmpty();
        }
        assertThat(outside.bytes).hasValue(0);
        assertThat(refusedInTheEnd())
                .singleElement()
                .satisfies(line -> assertThat(line.reason()).isEqualTo("NameMismatch"));
    }

    @Test
    void aClientHelloForAnotherNameNeverLeaves() throws Exception {
        for (var name : List.of("other.example.org", "")) {
            try (var tunnel = connect("api.example.org:" + outside.port())) {
                tunnel.send(new String(FirstBytesTest.hello(name), ISO_8859_1));
                assertThat(tunnel.receive(1)).isEmpty();
            }
        }
        assertThat(outside.bytes).hasValue(0);
    }

    @Test
    void aFloodOfTunnelsIsBoundedAndOtherRequestsAreAnswered() throws Exception {
        var held = new ArrayList<Tunnel>();
        for (var i = 0; i < 4; i++) {
            held.add(connect("api.example.org:" + outside.port()));
        }
        try (var fifth = connect("api.example.org:" + outside.port())) {
            assertThat(fifth.status).isEqualTo(429);
        }
        assertThat(launcher.ask("POST", "/v1/started", "{}").status()).isEqualTo(204);
        assertThat(gateway.launcher("pod-2").open().status()).isEqualTo(201);
        for (var tunnel : held) {
            assertThat(tunnel.status).isEqualTo(200);
            tunnel.close();
        }
    }

    /** Of eight at most six, however many runs it has. */
    @Test
    void aNamespaceWithItsShareOfTunnelsLeavesSomeToTheNext() throws Exception {
        for (var i = 0; i < 4; i++) {
            assertThat(connect("api.example.org:" + outside.port()).status).isEqualTo(200);
        }
        for (var pod : List.of("pod-2", "pod-3")) {
            assertThat(connectOf(pod, "team-a").status).isEqualTo(200);
        }
        try (var more = connectOf("pod-4", "team-a")) {
            assertThat(more.status).isEqualTo(429);
            assertThat(more.text).contains("TooManyTunnels").contains("the namespace has 6 connections open");
        }
        try (var next = connectOf("pod-5", "team-b");
                var last = connectOf("pod-6", "team-c");
                var beyond = connectOf("pod-7", "team-d")) {
            assertThat(next.status).isEqualTo(200);
            assertThat(last.status).as("the last one is given, too").isEqualTo(200);
            assertThat(beyond.status).as("that all are taken is nobody's fault").isEqualTo(503);
        }
    }

    /** As the run of another pod. */
    private Tunnel connectOf(String pod, String namespace) throws Exception {
        var other = gateway.launcher(pod).opened();
        var run = Fixtures.execution("of-" + pod);
        run.getMetadata().setNamespace(namespace);
        gateway.claim(run, other, 1, assignment());
        return new Tunnel("api.example.org:" + outside.port(), other.authorization);
    }

    @Test
    void aRunHasThreeLookupsAtATimeAndKeepsNobodyElseFromTheirs() throws Exception {
        for (var i = 0; i < 4; i++) {
            var target = "silent-" + i + ".example.org:443";
            Thread.startVirtualThread(() -> status(target));
        }
        await("all are admitted").until(() -> status("silent-4.example.org:443") == 429);

        var other = gateway.launcher("pod-2").opened();
        gateway.claim(Fixtures.execution("other"), other, 1, assignment());
        try (var tunnel = new Tunnel("api.example.org:" + outside.port(), other.authorization)) {
            assertThat(tunnel.status).isEqualTo(200);
        }
        assertThat(gateway.silent).hasSize(3);
    }

    @Test
    void whenTheRunEndsItsLookupsAreNotWaitedFor() throws Exception {
        var status = CompletableFuture.supplyAsync(() -> status("silent-0.example.org:443"));
        await("it is asked for").until(() -> !gateway.silent.isEmpty());
        gateway.cluster.put(Fixtures.cancelled(gateway.cluster.now(execution)));
        assertThat(status.get(20, TimeUnit.SECONDS)).isEqualTo(409);
    }

    private int status(String target) {
        try (var tunnel = connect(target)) {
            return tunnel.status;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void aRunMovesOnlySoManyBytes() throws Exception {
        var piece = "x".repeat(60_000);
        try (var tunnel = connect("api.example.org:" + outside.port())) {
            var request = request("api.example.org");
            tunnel.send(request);
            var came = tunnel.receive(request.length()).length();
            for (var before = 0; came > before; ) {
                before = came;
                tunnel.sendOrEnd(piece);
                came += tunnel.receive(piece.length()).length();
            }
            // both ways together, and what is read at once
            assertThat(2 * came).isBetween(GatewayFixture.BYTES_PER_RUN - 200_000, GatewayFixture.BYTES_PER_RUN + 1000);
        }
        try (var next = connect("api.example.org:" + outside.port())) {
            assertThat(next.status).isEqualTo(429);
        }
    }

    @Test
    void whenTheRunEndsItsTunnelsAreCut() throws Exception {
        try (var tunnel = connect("api.example.org:" + outside.port())) {
            tunnel.send(request("api.example.org"));
            assertThat(tunnel.receive(3)).isEqualTo("GET");
            gateway.cluster.put(Fixtures.cancelled(gateway.cluster.now(execution)));
            tunnel.receive(10_000); // ends because the connection does
        }
    }

    /** What is under way to it never arrives, so its connection cannot end as others do. */
    @Test
    void aServerThatTalksAndDoesNotListenIsLeftSoonAfterTheRun() throws Exception {
        try (var deaf = new ServerSocket()) {
            deaf.setReceiveBufferSize(1024);
            deaf.bind(new InetSocketAddress("127.0.0.1", 0));
            try (var tunnel = connect("api.example.org:" + deaf.getLocalPort());
                    var connection = deaf.accept()) {
                // more than the kernel keeps
                Thread.startVirtualThread(() -> tunnel.sendOrEnd(request("api.example.org") + "x".repeat(7_000_000)));
                await("held up").pollDelay(Duration.ofMillis(500)).until(() -> true);
                gateway.cluster.put(Fixtures.cancelled(gateway.cluster.now(execution)));

                assertThatThrownBy(() -> talk(connection)).isInstanceOf(SocketException.class);
            }
        }
    }

    private static void talk(Socket connection) throws IOException {
        var end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (System.nanoTime() < end) {
            connection.getOutputStream().write(new byte[1000]);
        }
    }

    @Test
    void withoutASessionOrARunThereIsNoTunnel() throws Exception {
        try (var stranger = new Tunnel("api.example.org:" + outside.port(), "Corral a/b/c")) {
            assertThat(stranger.status).isEqualTo(401);
        }
        var idle = gateway.launcher("pod-2").opened();
        try (var unbound = new Tunnel("api.example.org:" + outside.port(), idle.authorization)) {
            assertThat(unbound.status).isEqualTo(409);
        }
        assertThat(outside.accepted).hasValue(0);
    }

    private void answers(String name, String... addresses) {
        var answers = new ArrayDeque<InetAddress>();
        for (var address : addresses) {
            answers.add(InetAddress.ofLiteral(address));
        }
        gateway.names.put(name, answers);
    }

    private static String request(String host) {
        return "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
    }

    private Tunnel connect(String target) throws IOException {
        return new Tunnel(target, launcher.authorization);
    }

    /** A launcher's connection after its CONNECT. */
    private final class Tunnel implements AutoCloseable {
        private final Socket socket;
        private final int status;
        private final String text;

        private Tunnel(String target, String authorization) throws IOException {
            this(gateway.server.tunnelPort(), target, authorization);
        }

        private Tunnel(int port, String target, String authorization) throws IOException {
            socket = GatewayFixture.trusting(GatewayFixture.MATERIAL.bundle())
                    .getSocketFactory()
                    .createSocket("127.0.0.1", port);
            socket.setSoTimeout(20_000);
            send("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nAuthorization: " + authorization
                    + "\r\n\r\n");
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                var one = receive(1);
                assertThat(one).as(head.toString()).isNotEmpty();
                head.append(one);
            }
            status = Integer.parseInt(head.substring(9, 12));
            text = head + (status == 200 ? "" : receive(length(head.toString())));
        }

        private static int length(String head) {
            return head.lines()
                    .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
                    .mapToInt(line -> Integer.parseInt(line.substring(15).strip()))
                    .findFirst()
                    .orElse(0);
        }

        private void send(String data) throws IOException {
            socket.getOutputStream().write(data.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }

        private void sendOrEnd(String data) {
            try {
                send(data);
            } catch (IOException ended) {
                // the tunnel was cut
            }
        }

        /** So many bytes, or fewer if the connection ends. */
        private String receive(int count) throws IOException {
            var all = new ByteArrayOutputStream();
            try {
                for (var n = 0; all.size() < count; ) {
                    n = socket.getInputStream().read();
                    if (n < 0) {
                        break;
                    }
                    all.write(n);
                }
            } catch (SocketException reset) {
                // ended all the same
            }
            return all.toString(ISO_8859_1);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** The outside world: says back what it hears. */
    private static final class Echo {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
        private final AtomicInteger accepted = new AtomicInteger();
        private final AtomicInteger bytes = new AtomicInteger();

        private Echo() throws IOException {
            Thread.startVirtualThread(() -> {
                try {
                    while (true) {
                        var connection = socket.accept();
                        accepted.incrementAndGet();
                        Thread.startVirtualThread(() -> echo(connection));
                    }
                } catch (IOException closed) {
                    // the test is over
                }
            });
        }

        private int port() {
            return socket.getLocalPort();
        }

        private void echo(Socket connection) {
            var piece = new byte[8192];
            try (connection) {
                for (var n = connection.getInputStream().read(piece);
                        n >= 0;
                        n = connection.getInputStream().read(piece)) {
                    bytes.addAndGet(n);
                    connection.getOutputStream().write(piece, 0, n);
                }
            } catch (IOException closed) {
                // the tunnel was cut
            }
        }
    }
}
