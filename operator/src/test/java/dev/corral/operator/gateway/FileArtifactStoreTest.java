package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileArtifactStoreTest {
    private static final String UID = "5a0e3c1e-7d1f-4a56-9d0e-0c5b8f7a2b11";
    private static final String OTHER = "5a0e3c1e-7d1f-4a56-9d0e-0c5b8f7a2b12";

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private FileArtifactStore store;

    @BeforeEach
    void open() throws IOException {
        store = new FileArtifactStore(directory, 100, clock);
    }

    /** Three times as much as it leaves free. */
    @Test
    void noNamespaceFillsTheStore() throws Exception {
        assertThatThrownBy(() -> keep("a", UID, "a", "x".repeat(76))).isInstanceOf(ArtifactStore.Full.class);
        keep("a", UID, "a", "x".repeat(50));
        assertThatThrownBy(() -> keep("a", UID, "b", "y".repeat(26))).isInstanceOf(ArtifactStore.Full.class);
        keep("a", UID, "b", "y".repeat(25));

        keep("b", OTHER, "a", "z".repeat(18));
        assertThatThrownBy(() -> keep("b", OTHER, "b", "z")).isInstanceOf(ArtifactStore.Full.class);
    }

    /** Also after a restart, once it has been counted; what is gone counts no more, and the same bytes count once. */
    @Test
    void whatANamespaceHasIsCountedByTheSweep() throws Exception {
        keep("a", UID, "a", "x".repeat(30));
        keep("a", UID, "b", "x".repeat(30));
        store = new FileArtifactStore(directory, 100, clock);
        store.sweep(uid -> true);
        keep("a", UID, "c", "y".repeat(45));
        assertThatThrownBy(() -> keep("a", UID, "d", "z")).isInstanceOf(ArtifactStore.Full.class);

        clock.advance(Duration.ofHours(2));
        store.sweep(uid -> false);
        keep("a", UID, "e", "v".repeat(75));
    }

    @Test
    void sameBytesAreKeptOnceAndNamedTwice() throws Exception {
        put(UID, "a", "hello", null);
        put(OTHER, "b", "hello", null);

        assertThat(blobs()).containsExactly(Digests.sha256("hello".getBytes(StandardCharsets.UTF_8)));
        assertThat(read(UID, "a")).isEqualTo("hello");
        assertThat(read(OTHER, "b")).isEqualTo("hello");
        assertThat(store.find(new ArtifactKey(OTHER, 1, "a"))).isEmpty();
    }

    @Test
    void theSameNameAgainReplaces() throws Exception {
        put(UID, "a", "first", null);
        put(UID, "a", "second", null);
        assertThat(read(UID, "a")).isEqualTo("second");
        assertThat(store.ofAttempt(UID, 1)).containsExactly(new ArtifactKey(UID, 1, "a"));
    }

    @Test
    void tooMuchOrABrokenBodyLeavesNothing() throws Exception {
        assertThatThrownBy(() -> store.put(key("a"), "team-a", "t/t", null, stream("x".repeat(11)), 10))
                .isInstanceOf(ArtifactStore.TooLarge.class);
        assertThatThrownBy(() -> store.put(key("a"), "team-a", "t/t", null, stream("x".repeat(101)), 1000))
                .isInstanceOf(ArtifactStore.Full.class);
        assertThatThrownBy(() -> store.put(key("a"), "team-a", "t/t", null, broken(), 1000))
                .isInstanceOf(IOException.class);

        assertThat(files()).isEmpty();
        // and takes no room
        put(UID, "a", "x".repeat(75), null);
        assertThatThrownBy(() -> put(UID, "b", "y", null)).isInstanceOf(ArtifactStore.Full.class);
    }

    @Test
    void roomIsCountedAcrossARestart() throws Exception {
        put(UID, "a", "x".repeat(60), null);
        store = new FileArtifactStore(directory, 100, clock);
        assertThatThrownBy(() -> put(UID, "b", "y".repeat(40), null)).isInstanceOf(ArtifactStore.Full.class);
        put(UID, "b", "y".repeat(30), null);
    }

    @Test
    void whatACrashLeftAsideIsRemoved() throws Exception {
        Files.writeString(directory.resolve("tmp/7"), "half");
        store = new FileArtifactStore(directory, 100, clock);
        assertThat(files()).isEmpty();
    }

    @Test
    void aBlobWhoseReferenceNeverCameGoesAfterAnHour() throws Exception {
        put(UID, "a", "hello", null);
        Files.delete(directory.resolve("runs/" + UID + "/1/a.json"));

        clock.advance(Duration.ofMinutes(59));
        store.sweep(uid -> true);
        assertThat(blobs()).hasSize(1);

        clock.advance(Duration.ofMinutes(2));
        store.sweep(uid -> true);
        assertThat(files()).isEmpty();
        put(UID, "a", "x".repeat(75), null);
    }

    @Test
    void aBlobThatIsNamedAgainIsYoungAgain() throws Exception {
        put(UID, "a", "hello", null);
        clock.advance(Duration.ofHours(2));
        put(UID, "b", "hello", null);
        Files.delete(directory.resolve("runs/" + UID + "/1/a.json"));
        Files.delete(directory.resolve("runs/" + UID + "/1/b.json"));

        store.sweep(uid -> true);

        assertThat(blobs()).hasSize(1);
    }

    @Test
    void whatBelongsToNobodyOrIsOverGoesAndTheRestStays() throws Exception {
        put(UID, "keep", "kept", null);
        put(UID, "short", "short-lived", Duration.ofMinutes(5));
        put(OTHER, "gone", "orphan", null);
        clock.advance(Duration.ofMinutes(6));
        store.sweep(UID::equals);
        assertThat(store.find(key("short"))).isEmpty();
        assertThat(store.find(new ArtifactKey(OTHER, 1, "gone")))
                .as("an execution the watch does not know yet")
                .isPresent();

        clock.advance(Duration.ofHours(1));
        store.sweep(UID::equals);

        assertThat(store.find(new ArtifactKey(OTHER, 1, "gone"))).isEmpty();
        assertThat(read(UID, "keep")).isEqualTo("kept");
        assertThat(blobs()).hasSize(1);
        assertThat(directory.resolve("runs/" + OTHER)).doesNotExist();
    }

    @Test
    void aDamagedReferenceIsNoArtifactAndIsSwept() throws Exception {
        put(UID, "a", "hello", null);
        for (var damage :
                List.of("", "{", "{\"digest\":\"../../etc/passwd\"}", "{\"digest\":\"" + "0".repeat(64) + "\"}")) {
            Files.writeString(directory.resolve("runs/" + UID + "/1/a.json"), damage);
            assertThat(store.find(key("a"))).as(damage).isEmpty();
            assertThat(store.open(key("a"))).isEmpty();
        }
        store.sweep(uid -> true);
        assertThat(store.ofAttempt(UID, 1)).isEmpty();
    }

    @Test
    void noNameLeadsOutOfTheStore() {
        for (var name : List.of("..", ".", "../x", "a/b", "A", "", "a\n", "a".repeat(64), ".hidden")) {
            assertThatThrownBy(() -> new ArtifactKey(UID, 1, name))
                    .as(name)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new ArtifactKey("../../etc", 1, "a")).isInstanceOf(IllegalArgumentException.class);
    }

    private StoredArtifact put(String uid, String name, String content, Duration lifetime) throws Exception {
        return store.put(new ArtifactKey(uid, 1, name), "team-a", "text/plain", lifetime, stream(content), 1000);
    }

    private void keep(String namespace, String uid, String name, String content) throws Exception {
        store.put(new ArtifactKey(uid, 1, name), namespace, "text/plain", null, stream(content), 1000);
    }

    private String read(String uid, String name) throws IOException {
        try (var content = store.open(new ArtifactKey(uid, 1, name)).orElseThrow()) {
            return new String(content.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static ArtifactKey key(String name) {
        return new ArtifactKey(UID, 1, name);
    }

    private static InputStream stream(String content) {
        return new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8));
    }

    private static InputStream broken() {
        return new InputStream() {
            private int sent;

            @Override
            public int read() throws IOException {
                if (sent++ < 10) {
                    return 'x';
                }
                throw new IOException("the connection broke");
            }
        };
    }

    private List<String> blobs() throws IOException {
        return files().stream()
                .filter(file -> file.startsWith(directory.resolve("blobs")))
                .map(file -> file.getFileName().toString())
                .toList();
    }

    private List<Path> files() throws IOException {
        try (var all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
