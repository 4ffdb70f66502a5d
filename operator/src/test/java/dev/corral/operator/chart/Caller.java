package dev.corral.operator.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;

/** Somebody who sends requests to the API server and reads the plain answers. */
record Caller(KubernetesClient client) implements AutoCloseable {
    static final String STRATEGIC = "application/strategic-merge-patch+json";
    static final String MERGE = "application/merge-patch+json";
    static final String APPLY = "application/apply-patch+yaml";

    /** What the API server said: the code, and the object or the message. */
    record Answer(int code, JsonNode body, List<String> warnings) {
        boolean isAccepted() {
            return code >= 200 && code < 300;
        }

        String message() {
            return body.path("message").asText();
        }
    }

    Answer create(String path, JsonNode object) {
        return send("POST", path, "application/json", object.toString());
    }

    Answer patch(String path, String type, String body) {
        return send("PATCH", path, type, body);
    }

    Answer send(String method, String path, String type, String body) {
        var request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(URI.create(client.getMasterUrl() + path.substring(1)))
                .method(method, type, body)
                .build();
        HttpResponse<String> response =
                client.getHttpClient().sendAsync(request, String.class).join();
        return new Answer(response.code(), parse(response.body()), response.headers("Warning"));
    }

    private static JsonNode parse(String text) {
        try {
            return new ObjectMapper().readTree(text.startsWith("{") ? text : "{\"message\": \"not JSON\"}");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
