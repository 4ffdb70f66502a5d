package dev.corral.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the programs of a real Kubernetes are: the system property, the environment, or where {@code cluster/build} puts them. */
final class ClusterPrograms {
    private static final String PROPERTY = "corral.cluster.bin";
    private static final String VARIABLE = "CORRAL_CLUSTER_BIN";

    private ClusterPrograms() {}

    static Path find(String program) {
        for (var directory : directories()) {
            var file = directory.resolve(program);
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        throw new IllegalStateException(
                "There is no " + program + " to test with: run cluster/build, or name a directory that holds " + program
                        + " in " + VARIABLE + " (or -D" + PROPERTY + ").");
    }

    private static List<Path> directories() {
        var named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
        return named != null && !named.isBlank() ? List.of(Path.of(named)) : built();
    }

    /** Asks the scripts where the programs belong, without building them: that takes minutes. */
    private static List<Path> built() {
        var scripts = repository().resolve("cluster/lib.sh");
        if (!Files.exists(scripts)) {
            return List.of();
        }
        try {
            var process = new ProcessBuilder("bash", "-c", ". \"$0\"; bin kubernetes", scripts.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return answer.lines().filter(line -> !line.isBlank()).map(Path::of).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The nearest directory upwards that holds the Maven wrapper. */
    private static Path repository() {
        for (var directory = Path.of("").toAbsolutePath(); directory != null; directory = directory.getParent()) {
            if (Files.exists(directory.resolve("mvnw"))) {
                return directory;
            }
        }
        return Path.of("").toAbsolutePath();
    }
}
