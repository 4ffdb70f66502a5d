package dev.corral.operator.gateway;

import java.time.Instant;
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
}
