package dev.corral.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reader's half of {@code specs.tsv}; {@code SchemaIT} has the API server's. */
class SpecTableTest {
    private static final Pattern READ =
            Pattern.compile("(?m)^kind: (ClusterPluginPolicy|PluginPolicy|ClusterPlugin|Plugin)$");

    static List<SpecCase> specs() {
        return SpecCase.all();
    }

    static Stream<Path> accepted() throws IOException {
        try (var files =
                Files.list(Path.of(System.getProperty("basedir", "")).resolve("../crds/src/test/resources/accepts"))) {
            return files.filter(SpecTableTest::isRead).sorted().toList().stream();
        }
    }

    /** Policies and plugins are, each by itself. */
    private static boolean isRead(Path file) {
        try {
            return READ.matcher(Files.readString(file)).find();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void whatTheTableSaysIsReadIsReadAndNothingElse(SpecCase spec) {
        assertThat(spec.violations().isEmpty()).as("%s", spec.violations()).isEqualTo(spec.readable());
    }

    @ParameterizedTest
    @MethodSource("accepted")
    void whatTheApiServerIsKnownToTakeIsRead(Path file) throws IOException {
        for (String document : Files.readString(file).split("(?m)^---$")) {
            var kind = READ.matcher(document);
            if (kind.find()) {
                assertThat(SpecCase.violations(kind.group(1), document)).isEmpty();
            }
        }
    }
}
