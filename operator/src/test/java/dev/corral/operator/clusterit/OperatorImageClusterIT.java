package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The operator's image in its pods. */
@ExtendWith(NeedsCluster.class)
class OperatorImageClusterIT {
    /** Java goes on without an archive that does not fit its flags, its jars or their order, with a line on its output. */
    @Test
    void controllerAndGatewayStartFromTheArchiveOfClasses() {
        await("every process of Corral's has the archive")
                .atMost(Duration.ofMinutes(1))
                .untilAsserted(() -> assertThat(ofCorral())
                        .hasSizeGreaterThanOrEqualTo(2)
                        .allSatisfy(process ->
                                assertThat(text(process.resolve("maps"))).contains("/app/classes.jsa")));
    }

    private static List<Path> ofCorral() throws IOException {
        try (var processes = Files.list(Path.of("/proc"))) {
            return processes.filter(OperatorImageClusterIT::isOfCorral).toList();
        }
    }

    private static boolean isOfCorral(Path process) {
        return process.getFileName().toString().matches("\\d+")
                && text(process.resolve("cmdline")).contains("\0dev.corral.operator.Main\0");
    }

    /** Empty where the process has ended meanwhile. */
    private static String text(Path file) {
        try {
            return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
        } catch (IOException ended) {
            if (Files.exists(file.getParent())) {
                throw new UncheckedIOException(ended);
            }
            return "";
        }
    }
}
