package dev.corral.operator.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Artifacts in a directory: {@code blobs/sha256/ab/<digest>} and {@code runs/<executionUID>/<attempt>/<name>.json}. Every file is written
 * aside, synced and renamed, so a crash leaves only files that {@link #sweep} removes. One process at a time.
 */
public final class ArtifactStore {
    private static final Logger log = LoggerFactory.getLogger(ArtifactStore.class);

    /**
     * What a file or a directory is counted as beside its bytes. ext4 makes one inode for each 16 KiB of a volume, so that small files
     * leave none long before they fill it; and it is more than what the last block of a file wastes.
     */
    static final int FILE = 16 * 1024;

    private static final int CHUNK = 64 * 1024;

    private final Path blobs;
    private final Path runs;
    private final Path aside;
    private final long maxTotal;
    private final InstantSource clock;
    private final Holdings holdings;
    private final Sweep sweep;
    private final AtomicLong names = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    // shared: a blob gets its reference; exclusive: a blob without one is removed
    private final ReentrantReadWriteLock referencing = new ReentrantReadWriteLock();

    /** The body is longer than the run may still put out. */
    public static final class TooLarge extends Exception {}

    /** The store has no room for it, or none for more of its namespace. */
    public static final class Full extends Exception {}

    public ArtifactStore(Path root, long maxTotal, InstantSource clock) throws IOException {
        this.blobs = Files.createDirectories(root.resolve("blobs/sha256"));
        this.runs = Files.createDirectories(root.resolve("runs"));
        this.aside = Files.createDirectories(root.resolve("tmp"));
        this.maxTotal = maxTotal;
        this.clock = clock;
        this.holdings = new Holdings(maxTotal);
        this.sweep = new Sweep(runs, blobs, holdings, referencing.writeLock());
        // nobody else writes here, so whatever lies aside was left by a crash
        for (var leftover : list(aside)) {
            Files.deleteIfExists(leftover);
        }
        for (var prefix : list(blobs)) {
            for (var blob : list(prefix)) {
                // whose it is, and what names it but for the one reference it has at least, the first sweep tells
                holdings.settle(Holdings.UNCOUNTED, 0, FILE + Files.size(blob), FILE);
            }
        }
    }

    /** What artifacts take of the volume, also those that are on their way. */
    public long used() {
        return holdings.used();
    }

    /** Beyond it the store is full. */
    public long limit() {
        return maxTotal;
    }

    /** How often an artifact found no room, once for each try. */
    public long refused() {
        return refused.get();
    }

    /**
     * Takes the bytes, at most {@code maxBytes} of them; durable when it returns. The same key again replaces.
     *
     * @param namespace of the execution, which has its {@link FairShare} of the store
     * @param lifetime how long to keep it; null as long as its execution
     */
    public StoredArtifact put(
            ArtifactKey key,
            String namespace,
            String type,
            @Nullable Duration lifetime,
            InputStream body,
            long maxBytes)
            throws IOException, TooLarge, Full {
        var temporary = newFile();
        var reference = newNames(key);
        var size = 0L;
        var keptBlob = 0L;
        var keptReference = 0L;
        try {
            holdings.take(namespace, FILE + reference);
            var digest = Digests.sha256();
            try (var file = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                var chunk = new byte[CHUNK];
                for (var n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                    if (size + n > maxBytes) {
                        throw new TooLarge();
                    }
                    size += n;
                    holdings.take(namespace, n);
                    digest.update(chunk, 0, n);
                    write(file, ByteBuffer.wrap(chunk, 0, n));
                }
                file.force(true);
            }
            var now = clock.instant();
            var stored = new StoredArtifact(
                    namespace,
                    Digests.hex(digest.digest()),
                    size,
                    type,
                    now,
                    lifetime == null ? null : now.plus(lifetime));
            referencing.readLock().lock();
            try {
                if (keepBlob(temporary, stored)) {
                    keptBlob = FILE + size;
                }
                writeReference(key, stored);
                keptReference = reference;
            } finally {
                referencing.readLock().unlock();
            }
            return stored;
        } catch (Full noRoom) {
            refused.incrementAndGet();
            throw noRoom;
        } catch (IOException failed) {
            if (hasNoSpace(failed)) {
                log.atWarn().setCause(failed).log("the volume is full before the store is");
                refused.incrementAndGet();
                throw new Full();
            }
            throw failed;
        } finally {
            holdings.settle(namespace, FILE + reference + size, keptBlob, keptReference);
            Files.deleteIfExists(temporary);
        }
    }

    /** The first artifact of an attempt brings two directories, the attempt's and its run's. */
    private long newNames(ArtifactKey key) {
        var reference = reference(key);
        return Files.exists(reference) ? 0 : Files.exists(reference.getParent()) ? FILE : 3 * FILE;
    }

    /** Of the number behind it Java keeps nothing but the words. */
    private static boolean hasNoSpace(IOException failed) {
        var words = String.valueOf(failed.getMessage());
        return words.contains("No space left on device") || words.contains("Disk quota exceeded");
    }

    public Optional<StoredArtifact> find(ArtifactKey key) {
        return read(reference(key));
    }

    /** Everything stored for one attempt. */
    public List<ArtifactKey> ofAttempt(String executionUID, int attempt) {
        try {
            return list(runs.resolve(executionUID).resolve(String.valueOf(attempt))).stream()
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".json"))
                    .map(file -> new ArtifactKey(executionUID, attempt, file.substring(0, file.length() - 5)))
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The bytes, if they are there; the caller closes. */
    public Optional<InputStream> open(ArtifactKey key) throws IOException {
        var stored = find(key);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.newInputStream(blob(stored.get().sha256())));
        } catch (NoSuchFileException swept) {
            return Optional.empty();
        }
    }

    /** Removes what belongs to no execution that lives or is past its time, and then the bytes nothing refers to; counts what is left for each namespace. */
    public void sweep(Predicate<String> executionLives) throws IOException {
        sweep.clear(executionLives, clock.instant());
    }

    /** True if these bytes are new, so that their reservation becomes theirs. */
    private boolean keepBlob(Path temporary, StoredArtifact stored) throws IOException {
        var blob = blob(stored.sha256());
        var directory = Files.createDirectories(prefix(stored.sha256()));
        Files.setLastModifiedTime(temporary, FileTime.from(stored.created()));
        synchronized (this) {
            var known = Files.exists(blob);
            // also where the bytes are known: the rename makes the blob young, and mends one a crash or a disk cut
            // short
            Files.move(temporary, blob, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(directory);
            return !known;
        }
    }

    private void writeReference(ArtifactKey key, StoredArtifact stored) throws IOException {
        var run = runs.resolve(key.executionUID());
        var directory = run.resolve(String.valueOf(key.attempt()));
        var reference = directory.resolve(key.name() + ".json");
        var temporary = newFile();
        try {
            try (var file = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                write(file, ByteBuffer.wrap(Json.bytes(stored.document())));
                file.force(true);
            }
            moveInto(directory, temporary, reference);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sync(directory);
        sync(run);
        sync(runs);
    }

    private static void moveInto(Path directory, Path temporary, Path reference) throws IOException {
        while (true) {
            try {
                Files.createDirectories(directory);
                Files.move(temporary, reference, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                return;
            } catch (NoSuchFileException sweptMeanwhile) {
                log.atDebug().addKeyValue("directory", directory).log("directory was swept while in use");
            }
        }
    }

    static Optional<StoredArtifact> read(Path reference) {
        try {
            return Json.parseObject(Files.readAllBytes(reference)).flatMap(StoredArtifact::parse);
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Path prefix(String sha256) {
        return blobs.resolve(sha256.substring(0, 2));
    }

    private Path blob(String sha256) {
        return prefix(sha256).resolve(sha256);
    }

    private Path reference(ArtifactKey key) {
        return runs.resolve(key.executionUID())
                .resolve(String.valueOf(key.attempt()))
                .resolve(key.name() + ".json");
    }

    private Path newFile() {
        return aside.resolve(String.valueOf(names.incrementAndGet()));
    }

    static List<Path> list(Path directory) throws IOException {
        var all = new ArrayList<Path>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(all::add);
        } catch (NoSuchFileException | NotDirectoryException absent) {
            return List.of();
        }
        return all;
    }

    private static void write(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    /** A rename is durable when its directory is. */
    private static void sync(Path directory) throws IOException {
        try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
