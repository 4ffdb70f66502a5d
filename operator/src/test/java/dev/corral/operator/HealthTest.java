package dev.corral.operator;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.gateway.Answers;
import dev.corral.operator.gateway.ConnectionLimit;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HealthTest {
    private final Vertx vertx = ConnectionLimit.limited(new VertxOptions(), InstantSource.system(), 100);
    private final int port = new Health(vertx, Health.registry(), () -> true, () -> false)
            .listen(0)
            .actualPort();

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    /** As Prometheus and a kubelet do, also where they keep their connection; Java's client would take HTTP/2, and is not given it. */
    @Test
    void probesAndScrapesAreAnsweredOneAfterTheOther() throws Exception {
        try (var client = HttpClient.newHttpClient()) {
            for (var i = 0; i < 3; i++) {
                assertThat(status(client, "/healthz")).isEqualTo(200);
                assertThat(status(client, "/readyz")).isEqualTo(503);
                assertThat(status(client, "/metrics")).isEqualTo(200);
                assertThat(status(client, "/else")).isEqualTo(404);
            }
        }
    }

    @Test
    void ofRequestsThatDoNotWaitForAnswersOnlyTheFirstIsAnswered() throws Exception {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.getOutputStream()
                    .write("GET /healthz HTTP/1.1\r\n\r\n".repeat(1000).getBytes(US_ASCII));
            assertThat(Answers.of(socket)).isLessThan(2);
        }
    }

    @Test
    void ofAHeadThatHasNoEndAHundredHeadersAreRead() throws Exception {
        try (var socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(("GET /healthz HTTP/1.1\r\n" + "a:\r\n".repeat(101)).getBytes(US_ASCII));
            assertThat(new BufferedReader(new InputStreamReader(socket.getInputStream(), US_ASCII)).readLine())
                    .isEqualTo("HTTP/1.1 431 Request Header Fields Too Large");
        }
    }

    private int status(HttpClient client, String path) throws Exception {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
        return client.send(request, BodyHandlers.discarding()).statusCode();
    }
}
