package dev.corral.operator.gateway;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes out of an {@link ArtifactStore} what nobody needs any more, and counts what stays. While the lock is held no blob gets a reference. */
final class Sweep {
    private static final Logger log = LoggerFactory.getLogger(Sweep.class);

    /** A blob is written before its reference: until this age the reference may still come. */
    private static final Duration GRACE = Duration.ofHours(1);

    private final Path runs;
    private final Path blobs;
    private final Holdings holdings;
    private final Lock unreferenced;

    Sweep(Path runs, Path blobs, Holdings holdings, Lock unreferenced) {
        this.runs = runs;
        this.blobs = blobs;
        this.holdings = holdings;
        this.unreferenced = unreferenced;
    }

    void clear(Predicate<String> executionLives, Instant now) throws IOException {
        var young = now.minus(GRACE);
        var before = holdings.now();
        var references = 0L;
        var found = new HashMap<String, Long>();
        var counted = new HashSet<String>();
        var referred = new HashSet<String>();
        for (var run : ArtifactStore.list(runs)) {
            var lives = executionLives.test(run.getFileName().toString());
            for (var attempt : ArtifactStore.list(run)) {
                var reference = 3 * ArtifactStore.FILE;
                for (var file : ArtifactStore.list(attempt)) {
                    var stays = sweepReference(file, lives, now, young).orElse(null);
                    if (stays != null) {
                        referred.add(stays.sha256());
                        var blob = counted.add(stays.namespace() + " " + stays.sha256())
                                ? ArtifactStore.FILE + stays.size()
                                : 0;
                        found.merge(stays.namespace(), reference + blob, Long::sum);
                        references += reference;
                        reference = ArtifactStore.FILE;
                    }
                }
                deleteIfEmpty(attempt);
            }
            deleteIfEmpty(run);
        }
        holdings.counted(new Holdings.Count(found, references), before);
        for (var prefix : ArtifactStore.list(blobs)) {
            for (var blob : ArtifactStore.list(prefix)) {
                if (!referred.contains(blob.getFileName().toString())) {
                    sweepBlob(blob, young);
                }
            }
        }
    }

    /** What is still referred to, unless the reference had to go. */
    private Optional<StoredArtifact> sweepReference(Path file, boolean lives, Instant now, Instant young)
            throws IOException {
        var stored = ArtifactStore.read(file);
        if (stored.isEmpty()) {
            log.atWarn().addKeyValue("file", file).log("unreadable artifact reference removed");
        } else {
            // an execution newer than what the watch knows must not lose what it just stored; and what has a short
            // life counts as its namespace's as long as its bytes stay
            var old = stored.get().created().isBefore(young);
            var expired = stored.get()
                    .expires()
                    .filter(expiry -> !expiry.isAfter(now))
                    .isPresent();
            if (!old || lives && !expired) {
                return stored;
            }
        }
        Files.deleteIfExists(file);
        return Optional.empty();
    }

    private void sweepBlob(Path blob, Instant young) throws IOException {
        unreferenced.lock();
        try {
            // looked at again under the lock: a put in between made it young
            if (Files.getLastModifiedTime(blob).toInstant().isBefore(young)) {
                var size = Files.size(blob);
                Files.delete(blob);
                holdings.blobs(-ArtifactStore.FILE - size);
            }
        } catch (NoSuchFileException already) {
            log.atDebug().addKeyValue("blob", blob).log("blob is gone already");
        } finally {
            unreferenced.unlock();
        }
    }

    private static void deleteIfEmpty(Path directory) throws IOException {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException inUse) {
            log.atTrace().addKeyValue("directory", directory).log("directory is in use");
        }
    }
}
