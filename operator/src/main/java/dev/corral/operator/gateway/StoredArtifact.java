package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the store knows of an artifact; without {@code expiry} it lives as long as its execution. */
public record StoredArtifact(
        String namespace,
        String sha256,
        long size,
        String type,
        Instant created,
        @Nullable Instant expiry) {
    boolean isExpired(Instant now) {
        return expiry != null && !expiry.isAfter(now);
    }

    public Optional<Instant> expires() {
        return Optional.ofNullable(expiry);
    }

    /** As the store writes it down. */
    ObjectNode document() {
        var document = Json.object()
                .put("namespace", namespace())
                .put("digest", sha256())
                .put("size", size())
                .put("type", type())
                .put("createdAt", created().toString());
        expires().ifPresent(end -> document.put("expires", end.toString()));
        return document;
    }

    /** Empty where it is no such document. */
    static Optional<StoredArtifact> parse(ObjectNode document) {
        var digest = document.path("digest").asText();
        if (!Digests.plausible(digest)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new StoredArtifact(
                    document.path("namespace").asText(),
                    digest,
                    document.path("size").asLong(),
                    document.path("type").asText(),
                    Instant.parse(document.path("createdAt").asText()),
                    document.has("expires")
                            ? Instant.parse(document.path("expires").asText())
                            : null));
        } catch (DateTimeParseException malformed) {
            return Optional.empty();
        }
    }
}
