package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.operator.status.PlainText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One event as a launcher passes it on. */
record PluginEvent(int seq, String topic, String message, String key, JsonNode data) {
    private static final int MAX_NOTE = 1024;

    static Optional<PluginEvent> read(JsonNode node) {
        var seq = node.path("seq");
        if (!seq.canConvertToInt()
                || !seq.isIntegralNumber()
                || seq.intValue() < 1
                || !node.path("topic").isTextual()) {
            return Optional.empty();
        }
        return Optional.of(new PluginEvent(
                seq.intValue(),
                node.path("topic").textValue(),
                node.path("message").asText(),
                node.path("key").asText(),
                node.path("data")));
    }

    /** Two events of a run with the same fingerprint are one. Eight bytes: one that is found to be like another is only not published. */
    long fingerprint() {
        var identity = key.isEmpty()
                ? "=" + topic + "\0" + message + "\0"
                        + (hasData() ? new String(Json.canonical(data), StandardCharsets.UTF_8) : "")
                : "#" + key;
        return ByteBuffer.wrap(Digests.sha256().digest(identity.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    /** What a person reads at {@code kubectl describe}. */
    String note() {
        var text = hasData() ? message + (message.isEmpty() ? "" : " ") + Json.compact(data) : message;
        return PlainText.line(text, MAX_NOTE);
    }

    private boolean hasData() {
        return !data.isMissingNode() && !data.isNull() && !(data.isObject() && data.isEmpty());
    }
}
