package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.corral.operator.gateway.GatewayFixture.Launcher;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Limits hold before anything is parsed, on bytes really read. */
class BoundsTest {
    private static final byte[] LARGE = new byte[300 * 1024];

    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private Launcher launcher;

    @BeforeEach
    void start() throws Exception {
        gateway = GatewayFixture.impatient(directory);
        launcher = gateway.launcher("pod-1").opened();
        gateway.claim(Fixtures.execution("check"), launcher, 1);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void noJsonBodyIsLargerThan256KiB() throws Exception {
        for (var path : List.of("/v1/ready", "/v1/started", "/v1/events", "/v1/report")) {
            assertThat(gateway.call(gateway.server.launcherPort(), "POST", path, launcher.authorization, LARGE)
                            .status())
                    .as(path)
                    .isEqualTo(413);
            assertThat(chunked("POST", path)).as(path + " chunked").isEqualTo(413);
        }
    }

    @Test
    void anArtifactEndsWhereTheRunsOutputEnds() throws Exception {
        assertThat(launcher.put("report", new byte[1000]).status()).isEqualTo(201);
        assertThat(launcher.put("report", new byte[1001]).code()).isEqualTo("ArtifactTooLarge");
        assertThat(chunked("PUT", "/v1/artifacts/report")).isEqualTo(413);
        assertThat(Files.list(directory.resolve("tmp"))).isEmpty();
        assertThat(launcher.put("report", new byte[10]).json().path("size").asInt())
                .isEqualTo(10);
    }

    @Test
    void aRunFillsTheStoreWithTwiceItsOutputAtMostHoweverOftenItReplaces() {
        assertThat(launcher.put("report", new byte[1000]).status()).isEqualTo(201);
        for (var i = 0; i < 5; i++) {
            assertThat(launcher.put("report", new byte[1000]).status())
                    .as("the same")
                    .isEqualTo(201);
        }
        var other = new byte[600];
        Arrays.fill(other, (byte) 1);
        assertThat(launcher.put("report", other).status()).isEqualTo(201);
        Arrays.fill(other, (byte) 2);
        assertThat(launcher.put("report", other).code()).isEqualTo("ArtifactTooLarge");
        assertThat(launcher.put("report", new byte[400]).status())
                .as("what is left")
                .isEqualTo(201);
        assertThat(launcher.put("report", new byte[1]).code()).isEqualTo("ArtifactTooLarge");
    }

    @Test
    void uploadsAtOnceShareTheRunsOutput() {
        var outputs = new Outputs();
        var run = new SessionId("pod-1", "session");
        var givenUp = outputs.reserve(run, 1000, 1000);
        var second = outputs.reserve(run, 1000, 1000);
        assertThat(List.of(givenUp, second))
                .as("a try that is given up, and the next")
                .containsOnly(1000L);
        assertThatThrownBy(() -> outputs.reserve(run, 1000, 1))
                .isInstanceOfSatisfying(
                        Refusal.class, busy -> assertThat(busy.status()).isEqualTo(503));
        assertThat(outputs.reserve(new SessionId("pod-2", "another"), 1000, 1000))
                .isEqualTo(1000);

        outputs.settle(run, givenUp);
        outputs.keeps(run, "a", stored("1", 700));
        outputs.settle(run, second);
        assertThat(outputs.reserve(run, 1000, 300)).isEqualTo(300);
        outputs.keeps(run, "b", stored("2", 300));
        outputs.settle(run, 300);
        outputs.keeps(run, "b", stored("3", 999));
        assertThat(outputs.reserve(run, 1000, 1000))
                .as("twice the output is full")
                .isEqualTo(1);
    }

    private static StoredArtifact stored(String digest, long size) {
        return new StoredArtifact("docs", digest, size, "text/plain", Instant.EPOCH, null);
    }

    /** The launcher gave each of them up and asks once more. */
    @Test
    void ofTriesThatOverlapTheSameBytesCountOnce() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(directory);
        launcher = gateway.launcher("pod-1").opened();
        gateway.claim(Fixtures.execution("check"), launcher, 1);

        try (var first = begun(700);
                var second = begun(700)) {
            await("both are being stored").until(() -> {
                try (var aside = Files.list(directory.resolve("tmp"))) {
                    return aside.count() == 2;
                }
            });
            for (var upload : List.of(first, second)) {
                upload.getOutputStream().write(0);
                upload.getOutputStream().flush();
                assertThat(statusLine(upload)).isEqualTo("HTTP/1.1 201 Created");
            }
        }

        assertThat(launcher.put("report", new byte[700]).status()).isEqualTo(201);
    }

    /** An upload of zeros of which the last one is missing. */
    private Socket begun(int bytes) throws IOException {
        var socket = GatewayFixture.trusting(GatewayFixture.MATERIAL.bundle())
                .getSocketFactory()
                .createSocket("127.0.0.1", gateway.server.launcherPort());
        var head = "PUT /v1/artifacts/report HTTP/1.1\r\nHost: x\r\nAuthorization: " + launcher.authorization
                + "\r\nContent-Length: " + bytes + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(new byte[bytes - 1]);
        socket.getOutputStream().flush();
        return socket;
    }

    private static String statusLine(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII)).readLine();
    }

    @Test
    void onlyDeclaredArtifactsAreTaken() {
        for (var name : List.of("other", "..", "..%2freport", "report/../x", "report%00", "")) {
            assertThat(launcher.put(name, new byte[1]).status()).as(name).isEqualTo(404);
        }
    }

    @Test
    void aBodyThatDoesNotComeIsNotWaitedFor() throws Exception {
        for (var request : List.of("POST /v1/report", "PUT /v1/artifacts/report")) {
            var head = request + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + launcher.authorization
                    + "\r\nContent-Length: 100\r\n\r\n{\"att";
            assertThat(answerTo(gateway.server.launcherPort(), head)).isEqualTo("HTTP/1.1 408 Request Timeout");
        }
    }

    /** Each becomes objects, however short it is, and they are kept for as long as the head is not whole. */
    @Test
    void ofAHeadThatHasNoEndAHundredHeadersAreRead() throws Exception {
        for (var port :
                List.of(gateway.server.launcherPort(), gateway.server.tunnelPort(), gateway.server.readerPort())) {
            assertThat(answerTo(port, "GET / HTTP/1.1\r\n" + "a:\r\n".repeat(101)))
                    .isEqualTo("HTTP/1.1 431 Request Header Fields Too Large");
            assertThat(answerTo(port, "GET / HTTP/1.1\r\n" + "a:\r\n".repeat(100) + "\r\n"))
                    .startsWith("HTTP/1.1 40");
        }
    }

    /** Of an account's token with the longest names, of a person's with many groups, and of the longest host name. */
    @Test
    void theLongestHeadsOfThoseWeServeAreRead() throws Exception {
        var pods = "p".repeat(4_000);
        gateway.cluster.tokens.put("corral-gateway " + pods, GatewayFixture.podCaller(gateway.launcher("pod-2").pod));
        assertThat(gateway.call("POST", "/v1/session", "Bearer " + pods, "{}").status())
                .isEqualTo(201);

        var persons = "a".repeat(8_192);
        gateway.cluster.tokens.put("corral-artifacts " + persons, new Caller("alice", "", List.of(), Map.of()));
        var path =
                "/v1/namespaces/" + "n".repeat(63) + "/executions/" + "e".repeat(253) + "/artifacts/" + "a".repeat(63);
        assertThat(gateway.call(gateway.server.readerPort(), "GET", path, "Bearer " + persons, new byte[0])
                        .status())
                .isEqualTo(404);

        var host = "h".repeat(61) + ("." + "h".repeat(63)).repeat(3) + ":65535";
        assertThat(answerTo(
                        gateway.server.tunnelPort(),
                        "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: "
                                + launcher.authorization + "\r\n\r\n"))
                .isEqualTo("HTTP/1.1 403 Forbidden");
    }

    private static String answerTo(int port, String head) throws Exception {
        try (var socket = GatewayFixture.trusting(GatewayFixture.MATERIAL.bundle())
                .getSocketFactory()
                .createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            return statusLine(socket);
        }
    }

    @Test
    void whatIsNotOneJsonObjectIsMalformed() {
        for (var body : List.of(
                "", "null", "[]", "{} {}", "{'a':1,'a':2}", "{\"a\":NaN}", "[".repeat(5000), "{'a':1e999}", "\u0000")) {
            assertThat(launcher.ask("POST", "/v1/report", body).status())
                    .as(body)
                    .isEqualTo(400);
        }
    }

    @Test
    void anotherPathIsNowhere() {
        for (var path : List.of("/", "/v1", "/v1/report/", "/v1/../v1/report", "/v2/session", "/metrics")) {
            assertThat(launcher.ask("POST", path, "{}").status()).as(path).isEqualTo(404);
        }
        assertThat(launcher.get("/v1/report").status()).isEqualTo(404);
    }

    private int chunked(String method, String path) throws Exception {
        return gateway.http
                .send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + gateway.server.launcherPort() + path))
                                .header("Authorization", launcher.authorization)
                                .method(method, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE)))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }
}
