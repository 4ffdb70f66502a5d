package dev.corral.operator.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What the launcher takes of a handler: the documents marked so in docs/protocol/documents.txt, and those at its bounds. */
public final class TakenDocuments {
    private TakenDocuments() {}

    public static List<String> all() throws IOException {
        var listed = Files.readAllLines(folder().resolve("documents.txt")).stream()
                .filter(line -> line.startsWith("+ "))
                .map(line -> line.substring(2));
        var bounds = Stream.of(
                "{\"" + "a".repeat(500) + "\":1}",
                "{\"" + "\\\"".repeat(500) + "\":1}",
                "[".repeat(64) + "]".repeat(64));
        return Stream.concat(listed, bounds).toList();
    }

    /** Tests run in the module's folder, from an IDE perhaps in the one above. */
    static Path folder() {
        var here = Path.of("docs/protocol");
        return Files.isDirectory(here) ? here : Path.of("../docs/protocol");
    }
}
