package dev.corral.operator.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.dsl.TimesOnceableOrHttpHeaderable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** An API server that expects exact requests, gives prepared answers and remembers what was sent. */
public final class MockedApi implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private final KubernetesClient client;

    /** One request, one answer: the client tries nothing again by itself. */
    public MockedApi() {
        this(false);
    }

    private MockedApi(boolean patient) {
        server.init();
        try (var plain = server.createClient()) {
            client = Clients.with(plain.getConfiguration());
        }
        if (!patient) {
            client.getConfiguration().setRequestRetryBackoffLimit(0);
        }
    }

    /** With a client as a role has it, its patience included. */
    static MockedApi patient() {
        return new MockedApi(true);
    }

    public KubernetesClient client() {
        return client;
    }

    /** To the next such request; any other is answered by 404. */
    public void answer(String method, String path, int code, Object body) {
        next(method, path, code, body).once();
    }

    /** The next such request is one too many, and the server says when to come again. */
    void tooMany(String method, String path, int afterSeconds) {
        next(method, path, 429, failure(429))
                .withHeader("Retry-After", Integer.toString(afterSeconds))
                .once();
    }

    private TimesOnceableOrHttpHeaderable<Void> next(String method, String path, int code, Object body) {
        var expected = server.expect();
        return (switch (method) {
                    case "GET" -> expected.get();
                    case "POST" -> expected.post();
                    case "PUT" -> expected.put();
                    case "PATCH" -> expected.patch();
                    default -> expected.delete();
                })
                .withPath(path)
                .andReturn(code, body);
    }

    void refuse(String method, String path, int code) {
        answer(method, path, code, failure(code));
    }

    /** The next request that was sent, in the order of sending. */
    public Sent sent() {
        try {
            var request = server.takeRequest(5, TimeUnit.SECONDS);
            if (request == null) {
                throw new AssertionError("nothing more was sent");
            }
            return new Sent(
                    request.getMethod() + " " + request.getPath(),
                    String.valueOf(request.getHeader("Content-Type")).replaceAll(";.*", ""),
                    String.valueOf(request.getHeader("Accept")),
                    json(request.getBody().readUtf8()));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(stop);
        }
    }

    public int requests() {
        return server.getRequestCount();
    }

    /** One request as it came over the wire. */
    public record Sent(String line, String mediaType, String accept, JsonNode body) {}

    static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException malformed) {
            throw new UncheckedIOException(malformed);
        }
    }

    static Object failure(int code) {
        return new StatusBuilder()
                .withStatus("Failure")
                .withCode(code)
                .withMessage("told to")
                .build();
    }

    /** An execution as a cache holds it: with a spec, and with fields no write may repeat. */
    static PluginExecution execution() {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team-a")
                .withName("check")
                .withUid("uid-2")
                .withResourceVersion("9")
                .withGeneration(1L)
                .addToLabels("app", "docs")
                .build());
        execution.setSpec(new PluginExecutionSpec(
                null, "check", null, null, null, null, null, null, null, null, null, null, null, null, null));
        return execution;
    }

    @Override
    public void close() {
        client.close();
        server.destroy();
    }
}
