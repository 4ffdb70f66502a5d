package dev.corral.operator.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What the scripts and the Go programs are made of, somewhere else: what they build and remember there is theirs alone. */
final class Checkout {
    private Checkout() {}

    static Path in(Path target) throws IOException {
        for (var part : List.of("cluster", "launcher")) {
            var source = Path.of("..", part).toRealPath();
            try (Stream<Path> files = Files.walk(source)) {
                files.forEach(file -> copy(file, target.resolve(part).resolve(source.relativize(file))));
            }
        }
        return target;
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.getParent());
            if (!Files.isDirectory(from)) {
                Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
            } else if (!Files.exists(to)) {
                Files.createDirectory(to);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
