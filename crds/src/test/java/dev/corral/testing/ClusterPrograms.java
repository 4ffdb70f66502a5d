package dev.corral.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the programs of a real Kubernetes are: the folder the system property or the environment names, else what
 * {@code cluster/build} makes of the pinned sources: at once where they are built already, in some ten minutes on a fresh machine.
 */
public final class ClusterPrograms {
    private static final String PROPERTY = "corral.cluster.bin";
    private static final String VARIABLE = "CORRAL_CLUSTER_BIN";

    private ClusterPrograms() {}

    /** The folder with kube-apiserver, etcd and their kin. */
    public static Path folder() {
        var named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
        return named != null && !named.isBlank() ? Path.of(named) : built();
    }

    static Path find(String program) {
        var file = folder().resolve(program);
        if (!Files.isExecutable(file)) {
            throw new IllegalStateException(
                    "There is no " + program + " to test with: run cluster/build, or name a directory that holds "
                            + program + " in " + VARIABLE + " (or -D" + PROPERTY + ").");
        }
        return file;
    }

    private static Path built() {
        try {
            var build = new ProcessBuilder(
                            repository().resolve("cluster/build").toString(), "--only", "kubernetes", "--print-bin")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            var answer = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (build.waitFor() != 0) {
                throw new IllegalStateException(
                        "cluster/build could not build the programs of Kubernetes; it says why above");
            }
            return Path.of(answer.strip());
        } catch (IOException e) {
            throw new IllegalStateException("cluster/build cannot be run", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the programs of Kubernetes were being built", e);
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
