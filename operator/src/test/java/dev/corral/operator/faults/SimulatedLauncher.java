package dev.corral.operator.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What the launcher says to the gateway in one run, in docs/protocol.md's order, with the real one's patience. */
final class SimulatedLauncher implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVIDENCE = """
            {"evidence": {"launcher": "0.1.0", "uid": 10001, "uidMap": "0 1879048192 65536", "capEff": "0000000000000000",
             "noNewPrivs": true, "seccomp": 2, "rootReadOnly": true, "landlockAbi": 7, "pidsMax": "512", "cgroup": "v1", "kernel": "6.18.5",
             "sentinel": {"reachable": false, "answer": "timeout", "millis": 300, "attempts": 1}}}""";
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    static final String ARTIFACT = "{\"broken\": 0}";

    private final int port;
    private final String token;
    private final boolean longRun;
    /** What makes a repeated question for the session ours. */
    private final String nonce;

    private final HttpClient http;
    private final Consumer<Step> steps;

    /** What a run consists of, as its handler and the gateway see it. */
    enum Step {
        SESSION,
        READY,
        ASSIGNMENT,
        STARTED,
        EVENTS,
        ARTIFACT,
        REPORT,
        SEALED
    }

    /** An answer that asking again would not change. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1;

        Refused(String message) {
            super(message);
        }
    }

    /** Thrown by a hook: this launcher never gets any further. */
    static final class Hung extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    private record Answer(int code, Buffer body) {
        ObjectNode json() {
            try {
                return (ObjectNode) JSON.readTree(body.getBytes());
            } catch (IOException malformed) {
                throw new UncheckedIOException(malformed);
            }
        }
    }

    /** {@code longRun}: its handler lives long enough to be told of; {@code steps} hears of every step before it is taken. */
    SimulatedLauncher(Vertx vertx, int port, String trustBundle, String token, boolean longRun, Consumer<Step> steps) {
        this.port = port;
        this.token = token;
        this.longRun = longRun;
        var secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        this.nonce = HexFormat.of().formatHex(secret);
        this.steps = steps;
        this.http = vertx.createHttpClient(new HttpClientOptions()
                .setLocalAddress(ownAddress(secret)) // as a pod has: the gateway counts connections by it
                .setSsl(true)
                .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(trustBundle))));
    }

    private static String ownAddress(byte[] random) {
        return "127." + (random[0] & 0xff) + "." + (random[1] & 0xff) + "." + (1 + (random[2] & 0x7f));
    }

    /** From session to sealed report; the answer is the termination message. */
    String run() throws InterruptedException {
        steps.accept(Step.SESSION);
        var session = ask("POST", "/v1/session", "Bearer " + token, opening()).json();
        var id = session.path("session").asText();
        var authorization = "Corral " + session.path("podUID").asText() + "/" + id + "/"
                + session.path("key").asText();
        steps.accept(Step.READY);
        ask("POST", "/v1/ready", authorization, EVIDENCE);
        steps.accept(Step.ASSIGNMENT);
        var assignment = ask("GET", "/v1/assignment", authorization, "");
        while (assignment.code() == 204) {
            assignment = ask("GET", "/v1/assignment", authorization, "");
        }
        steps.accept(Step.STARTED);
        if (longRun) {
            ask("POST", "/v1/started", authorization, "{}");
        }
        steps.accept(Step.EVENTS);
        ask("POST", "/v1/events", authorization, """
                {"events": [{"seq": 1, "topic": "check.done@v1", "message": "no links broken", "data": {"broken": 0}}]}""");
        steps.accept(Step.ARTIFACT);
        var stored = ask("PUT", "/v1/artifacts/report", authorization, ARTIFACT).json();
        steps.accept(Step.REPORT);
        var report = report(assignment.json(), stored);
        ask("POST", "/v1/report", authorization, report.toString());
        steps.accept(Step.SEALED);
        return sealed(
                HexFormat.of().parseHex(session.path("key").asText()),
                id,
                assignment.json().path("executionUID").asText(),
                report);
    }

    private String opening() {
        return "{\"launcher\": \"0.1.0\", \"nonce\": \"" + nonce + "\"}";
    }

    private static ObjectNode report(JsonNode assignment, JsonNode stored) {
        try {
            var report = (ObjectNode) JSON.readTree("""
                    {"reason": "HandlerReturned", "exitCode": 0, "signal": 0, "message": "", "result": {"broken": 0}, "resultProblem": "",
                     "artifacts": [{"name": "report", "type": "application/json", "state": "Ready", "problem": ""}], "undeclared": 0,
                     "events": {"emitted": 1, "denied": 0, "dropped": 0},
                     "metrics": {"wallMillis": 12, "cpuMillis": 8, "memoryPeakBytes": 1048576},
                     "timings": {"startedMillis": 2, "finishedMillis": 14, "collectedMillis": 15}, "logTail": ""}""");
            report.set("attempt", assignment.path("attempt"));
            var artifact = (ObjectNode) report.path("artifacts").path(0);
            artifact.set("sha256", stored.path("sha256"));
            artifact.set("size", stored.path("size"));
            return report;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    static String sealed(byte[] key, String session, String executionUID, ObjectNode report) {
        try {
            var signed = "corral1 " + session + " " + executionUID + " "
                    + Base64.getUrlEncoder()
                            .withoutPadding()
                            .encodeToString(report.toString().getBytes(StandardCharsets.UTF_8));
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return signed + " " + HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Again and again until there is an answer, as launcher/gateway/client.go does it. */
    private Answer ask(String method, String path, String authorization, String body) throws InterruptedException {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        for (var pause = 50L; ; pause = Math.min(2 * pause, 500)) {
            String last;
            try {
                var answer = once(method, path, authorization, body);
                if (answer.code() < 300) {
                    return answer;
                }
                last = method + " " + path + ": " + answer.code() + " " + answer.body();
                if (answer.code() < 500 && answer.code() != 429 && answer.code() != 408) {
                    throw new Refused(last);
                }
            } catch (ExecutionException | TimeoutException broken) {
                last = method + " " + path + ": " + broken.getCause();
            }
            if (System.nanoTime() > deadline) {
                throw new Refused("gave up on " + last);
            }
            Thread.sleep(pause);
        }
    }

    private Answer once(String method, String path, String authorization, String body)
            throws InterruptedException, ExecutionException, TimeoutException {
        return http.request(new RequestOptions()
                        .setServer(SocketAddress.inetSocketAddress(port, "127.0.0.1"))
                        // whose certificate it must be
                        .setHost("corral-gateway")
                        .setPort(port)
                        .setMethod(HttpMethod.valueOf(method))
                        .setURI(path)
                        .putHeader("Authorization", authorization)
                        .putHeader("Content-Type", "application/json"))
                .compose(request -> body.isEmpty() ? request.send() : request.send(Buffer.buffer(body)))
                .compose(response -> response.body().map(text -> new Answer(response.statusCode(), text)))
                .toCompletionStage()
                .toCompletableFuture()
                .get(40, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        http.close();
    }
}
