package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.PluginExecution;
import io.vertx.core.impl.VertxInternal;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadersTest {
    private static final byte[] CONTENT = "{\"broken\":0}".getBytes(StandardCharsets.UTF_8);
    private static final String PATH = "/v1/namespaces/team-a/executions/check/artifacts/report";

    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private PluginExecution execution;

    @BeforeEach
    void start() throws Exception {
        gateway = GatewayFixture.impatient(directory);
        var launcher = gateway.launcher("pod-1").opened();
        execution = gateway.claim(Fixtures.keptFor(Fixtures.execution("check"), "1h"), launcher, 1);
        assertThat(launcher.put("report", CONTENT).status()).isEqualTo(201);
        launcher.ask(
                "POST",
                "/v1/report",
                "{'attempt':1,'reason':'HandlerReturned','artifacts':[{'name':'report','state':'Ready'}]}");
        gateway.cluster.tokens.put("corral-artifacts alice", new Caller("alice", "", List.of(), Map.of()));
        gateway.cluster.tokens.put("corral-artifacts mallory", new Caller("mallory", "", List.of(), Map.of()));
        gateway.cluster.tokens.put("corral-gateway wrong-audience", new Caller("alice", "", List.of(), Map.of()));
        gateway.cluster.readers.add("alice team-a/check");
        gateway.cluster.readers.add("alice team-a/missing");
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void whoMayReadGetsTheBytesAndNothingABrowserWouldRun() {
        var answer = read("GET", PATH, "Bearer alice");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.response().body()).isEqualTo(CONTENT);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("Content-Disposition")).isEqualTo("attachment; filename=\"report\"");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("ETag")).isEqualTo("\"sha256:" + Digests.sha256(CONTENT) + "\"");
        assertThat(answer.header("Content-Length")).isEqualTo(String.valueOf(CONTENT.length));
    }

    @Test
    void headSaysTheSameWithoutTheBytes() {
        var answer = read("HEAD", PATH, "Bearer alice");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.response().body()).isEmpty();
        assertThat(answer.header("ETag")).isEqualTo("\"sha256:" + Digests.sha256(CONTENT) + "\"");
        assertThat(answer.header("Content-Length")).isEqualTo(String.valueOf(CONTENT.length));
    }

    @Test
    void forbiddenLooksLikeMissing() {
        var forbidden = read("GET", PATH, "Bearer mallory");
        var missingExecution = read("GET", PATH.replace("check", "missing"), "Bearer alice");
        var missingArtifact = read("GET", PATH.replace("report", "other"), "Bearer alice");

        assertThat(forbidden.status()).isEqualTo(404);
        for (var missing : List.of(missingExecution, missingArtifact)) {
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.text()).isEqualTo(forbidden.text());
            assertThat(missing.response().headers().map().keySet())
                    .isEqualTo(forbidden.response().headers().map().keySet());
        }
    }

    @Test
    void aTokenForThisAudienceIsNeeded() {
        for (var authorization : List.of("", "Bearer nobody", "Bearer wrong-audience", "Basic YTpi", "Bearer ")) {
            assertThat(read("GET", PATH, authorization).status())
                    .as(authorization)
                    .isEqualTo(401);
        }
    }

    /** From one address there are fifty reviews at once. */
    @Test
    void whatNeedsNoReviewTakesNone() {
        for (var i = 0; i < 60; i++) {
            assertThat(read("GET", PATH, "").status()).isEqualTo(401);
            assertThat(read("GET", "/x", "Bearer mallory").status()).isEqualTo(404);
        }
        assertThat(gateway.cluster.reviews.get()).as("the launcher's").isEqualTo(1);

        assertThat(read("GET", PATH, "Bearer alice").status()).isEqualTo(200);
    }

    @Test
    void thereIsNoOtherWayIn() {
        for (var path : List.of(
                "/v1/blobs/" + Digests.sha256(CONTENT),
                "/v1/namespaces/team-a/executions/check/artifacts/" + Digests.sha256(CONTENT),
                PATH + "/",
                PATH.replace("team-a", "team-a%2f..%2fteam-b"),
                PATH.replace("report", "..%2freport"),
                "/v1/namespaces/../namespaces/team-a/executions/check/artifacts/report")) {
            assertThat(read("GET", path, "Bearer alice").status()).as(path).isEqualTo(404);
        }
        assertThat(read("PUT", PATH, "Bearer alice").status()).isEqualTo(405);
        assertThat(read("DELETE", PATH, "Bearer alice").status()).isEqualTo(405);
    }

    @Test
    void afterItsTimeItIsGoneAndSaysSo() {
        gateway.clock.advance(Duration.ofHours(1));
        assertThat(read("GET", PATH, "Bearer alice").status()).isEqualTo(410);
        assertThat(read("GET", PATH, "Bearer mallory").status()).isEqualTo(404);

        gateway.server.sweep();
        assertThat(read("GET", PATH, "Bearer alice").status()).isEqualTo(410);
    }

    /** Not ten minutes later: with it the store learns what each namespace has. */
    @Test
    void aGatewayThatStartsSweeps() throws Exception {
        assertThat(directory.resolve("runs")).isNotEmptyDirectory();
        gateway.clock.advance(Duration.ofHours(2));

        gateway.restart();

        await("it is swept")
                .untilAsserted(() -> assertThat(directory.resolve("runs")).isEmptyDirectory());
    }

    @Test
    void itIsReadableAfterTheEndAndAfterARestart() throws Exception {
        gateway.cluster.update(execution, status -> Fixtures.ended(status, status.artifacts()));
        gateway.restart();
        assertThat(read("GET", PATH, "Bearer alice").response().body()).isEqualTo(CONTENT);
    }

    @Test
    void whatTheStatusDoesNotListIsNotHandedOut() {
        gateway.cluster.update(execution, status -> Fixtures.ended(status, List.of()));
        assertThat(read("GET", PATH, "Bearer alice").status()).isEqualTo(404);
    }

    /** Everybody in the cluster reaches the readers' port. */
    @Test
    void howeverBusyTheReadersPortIsLaunchersAreServedAndTheSentinelSees() throws Exception {
        var quiet = new CountDownLatch(1);
        for (var loop : ((VertxInternal) gateway.server.readerLoops()).getEventLoopGroup()) {
            loop.execute(() -> waitFor(quiet));
        }
        try {
            assertThat(gateway.launcher("pod-2").open().status()).isEqualTo(201);
            try (var socket = new Socket("127.0.0.1", gateway.server.sentinelPort())) {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            quiet.countDown();
        }
        assertThat(read("GET", PATH, "Bearer alice").status()).isEqualTo(200);
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private GatewayFixture.Answer read(String method, String path, String authorization) {
        return gateway.call(gateway.server.readerPort(), method, path, authorization, new byte[0]);
    }
}
