package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {
    private static final String UID = "5a0e3c1e-7d1f-4a56-9d0e-0c5b8f7a2b11";
    private static final String OTHER = "5a0e3c1e-7d1f-4a56-9d0e-0c5b8f7a2b12";
    private static final int FILE = ArtifactStore.FILE;
    /** A hundred files and directories, or fewer with something in them. */
    private static final int LIMIT = 100 * FILE;

    @TempDir
    Path directory;

    private final MovableClock clock = new MovableClock();
    private ArtifactStore store;

    @BeforeEach
    void open() throws IOException {
        store = new ArtifactStore(directory, LIMIT, clock);
    }

    /** Three times as much as it leaves free. */
    @Test
    void noNamespaceFillsTheStore() throws Exception {
        assertThatThrownBy(() -> keep("a", UID, "a", takes(76))).isInstanceOf(ArtifactStore.Full.class);
        keep("a", UID, "a", takes(50));
        assertThatThrownBy(() -> keep("a", UID, "b", alsoTakes(26))).isInstanceOf(ArtifactStore.Full.class);
        keep("a", UID, "b", alsoTakes(25));

        keep("b", OTHER, "a", takes(18));
        assertThatThrownBy(() -> keep("b", OTHER, "b", "z")).isInstanceOf(ArtifactStore.Full.class);
    }

    /** A volume has so many inodes, and small files take them all long before they fill it with bytes. */
    @Test
    void noNamespaceFillsTheStoreWithWhatIsSmall() throws Exception {
        for (var i = 0; i < 18; i++) {
            keep("a", uid(i), "a", "small " + i);
        }
        assertThat(store.used()).isEqualTo(18 * 4 * FILE + "small ".length() * 18 + 26);
        assertThatThrownBy(() -> keep("a", OTHER, "a", "one more")).isInstanceOf(ArtifactStore.Full.class);

        keep("b", OTHER, "a", "somebody else's");
    }

    /** Also after a restart, once it has been counted; what is gone counts no more, and the same bytes count once. */
    @Test
    void whatANamespaceHasIsCountedByTheSweep() throws Exception {
        keep("a", UID, "a", takes(30));
        keep("a", UID, "b", takes(30));
        var used = store.used();
        assertThat(used).isEqualTo(31 * FILE);
        store = new ArtifactStore(directory, LIMIT, clock);
        store.sweep(uid -> true);
        assertThat(store.used()).isEqualTo(used);
        keep("a", UID, "c", alsoTakes(44));
        assertThatThrownBy(() -> keep("a", UID, "d", "z")).isInstanceOf(ArtifactStore.Full.class);

        clock.advance(Duration.ofHours(2));
        store.sweep(uid -> false);
        assertThat(store.used()).isZero();
        keep("a", UID, "e", takes(75));
    }

    /** Or whoever gives its artifacts a second to live has the whole of its share anew after each sweep. */
    @Test
    void whatIsPastItsTimeCountsUntilItsBytesGo() throws Exception {
        put(UID, "a", takes(75), Duration.ofSeconds(1));
        clock.advance(Duration.ofMinutes(10));
        store.sweep(uid -> true);
        assertThatThrownBy(() -> put(UID, "b", "y", null)).isInstanceOf(ArtifactStore.Full.class);

        clock.advance(Duration.ofMinutes(51));
        store.sweep(uid -> true);
        put(UID, "b", takes(75), null);
    }

    /** Who is told to ask again asks until its time is over, and ends no earlier. */
    @Test
    void aVolumeThatIsFullBeforeTheStoreIsFullToo() throws Exception {
        var noSpace = catchThrowableOfType(
                IOException.class, () -> Files.write(Path.of("/dev/full"), new byte[1], StandardOpenOption.WRITE));
        assertThatThrownBy(() -> store.put(key("a"), "team-a", "t/t", null, broken(noSpace), 1000))
                .isInstanceOf(ArtifactStore.Full.class);
        assertThat(store.used()).isZero();
        assertThat(store.refused()).isOne();
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
        assertThatThrownBy(() -> put(UID, "a", takes(101), null)).isInstanceOf(ArtifactStore.Full.class);
        assertThatThrownBy(() -> store.put(
                        key("a"), "team-a", "t/t", null, broken(new IOException("the connection broke")), 1000))
                .isInstanceOf(IOException.class);

        assertThat(files()).isEmpty();
        // and takes no room
        put(UID, "a", takes(75), null);
        assertThatThrownBy(() -> put(UID, "b", "y", null)).isInstanceOf(ArtifactStore.Full.class);
    }

    /** Until the first sweep nobody knows whose it is, so it may be anybody's. */
    @Test
    void roomIsCountedAcrossARestart() throws Exception {
        keep("a", UID, "a", takes(60));
        store = new ArtifactStore(directory, LIMIT, clock);
        for (var namespace : List.of("a", "b")) {
            assertThatThrownBy(() -> keep(namespace, OTHER, "b", takes(30)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("still being counted");
        }
        keep("b", OTHER, "b", takes(10));

        store.sweep(uid -> true);
        assertThatThrownBy(() -> keep("a", UID, "c", alsoTakes(20))).isInstanceOf(ArtifactStore.Full.class);
        keep("b", OTHER, "c", alsoTakes(12));
    }

    @Test
    void whatACrashLeftAsideIsRemoved() throws Exception {
        Files.writeString(directory.resolve("tmp/7"), "half");
        store = new ArtifactStore(directory, LIMIT, clock);
        assertThat(files()).isEmpty();
    }

    @Test
    void aReferenceThatCannotBeWrittenLeavesNothingAside() throws Exception {
        Files.writeString(directory.resolve("runs/" + UID), "no directory");
        assertThatThrownBy(() -> put(UID, "a", "hello", null)).isInstanceOf(IOException.class);
        assertThat(directory.resolve("tmp")).isEmptyDirectory();
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
        put(UID, "a", takes(75), null);
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
        assertThat(store.find(new ArtifactKey(OTHER, 1, "gone")))
                .as("an execution the watch does not know yet")
                .isPresent();

        clock.advance(Duration.ofHours(1));
        store.sweep(UID::equals);

        assertThat(store.find(key("short"))).isEmpty();
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
        return store.put(new ArtifactKey(uid, 1, name), "team-a", "text/plain", lifetime, stream(content), LIMIT + 1);
    }

    private void keep(String namespace, String uid, String name, String content) throws Exception {
        store.put(new ArtifactKey(uid, 1, name), namespace, "text/plain", null, stream(content), LIMIT + 1);
    }

    /** What an attempt's first artifact must hold to count as so many files: it is one itself, and three are its reference and two directories. */
    private static String takes(int files) {
        return "x".repeat((files - 4) * FILE);
    }

    /** The same of another one. */
    private static String alsoTakes(int files) {
        return "y".repeat((files - 2) * FILE);
    }

    private static String uid(int number) {
        return "5a0e3c1e-7d1f-4a56-9d0e-" + String.format("%012d", number);
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

    private static InputStream broken(IOException failure) {
        return new InputStream() {
            private int sent;

            @Override
            public int read() throws IOException {
                if (sent++ < 10) {
                    return 'x';
                }
                throw failure;
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
