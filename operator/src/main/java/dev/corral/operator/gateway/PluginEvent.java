package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.operator.status.PlainText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One event as a launcher passes it on: what a person reads at {@code kubectl describe}, and what it is known by. Two events of a run with
 * the same fingerprint are one; of eight bytes, because one that is made to be like another is only not published.
 */
record PluginEvent(int seq, String topic, String note, long fingerprint) {
    private static final int MAX_NOTE = 1024;

    static Optional<PluginEvent> read(JsonNode node) {
        var seq = node.path("seq");
        if (!seq.canConvertToInt()
                || !seq.isIntegralNumber()
                || seq.intValue() < 1
                || !node.path("topic").isTextual()) {
            return Optional.empty();
        }
        var topic = node.path("topic").textValue();
        var message = node.path("message").asText();
        var key = node.path("key").asText();
        var data = node.path("data");
        return Optional.of(
                new PluginEvent(seq.intValue(), topic, note(message, data), fingerprint(key, topic, message, data)));
    }

    private static long fingerprint(String key, String topic, String message, JsonNode data) {
        var identity = key.isEmpty()
                ? "=" + topic + "\0" + message + "\0"
                        + (hasData(data) ? new String(Json.canonical(data), StandardCharsets.UTF_8) : "")
                : "#" + key;
        return ByteBuffer.wrap(Digests.sha256().digest(identity.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    private static String note(String message, JsonNode data) {
        var text = hasData(data) ? message + (message.isEmpty() ? "" : " ") + Json.compact(data) : message;
        return PlainText.line(text, MAX_NOTE);
    }

    private static boolean hasData(JsonNode data) {
        return !data.isMissingNode() && !data.isNull() && !(data.isObject() && data.isEmpty());
    }
}
