package dev.corral.operator.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where artifacts are kept: bytes under their digest, and per attempt a reference that names them. An object store fits it as well as a
 * directory does: whole objects, no appends, no locks between processes but for the sweep.
 */
public interface ArtifactStore {

    /**
     * Takes the bytes, at most {@code maxBytes} of them; durable when it returns. The same key again replaces.
     *
     * @param namespace of the execution, which has its {@link FairShare} of the store
     * @param lifetime how long to keep it; null as long as its execution
     */
    StoredArtifact put(
            ArtifactKey key,
            String namespace,
            String type,
            @Nullable Duration lifetime,
            InputStream body,
            long maxBytes)
            throws IOException, TooLarge, Full;

    Optional<StoredArtifact> find(ArtifactKey key);

    /** Everything stored for one attempt. */
    List<ArtifactKey> ofAttempt(String executionUID, int attempt);

    /** The bytes, if they are there; the caller closes. */
    Optional<InputStream> open(ArtifactKey key) throws IOException;

    /** Removes what belongs to no execution that lives or is past its time, and then the bytes nothing refers to; counts what is left for each namespace. */
    void sweep(Predicate<String> executionLives) throws IOException;

    /** The body is longer than the run may still put out. */
    final class TooLarge extends Exception {}

    /** The store has no room for it, or none for more of its namespace. */
    final class Full extends Exception {}
}
