package dev.corral.crds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One file of {@code accepts/} or {@code rejects/}: an object, or two where the second replaces the first. {@code comment} is the first
 * line without its {@code #}; of a reject it is the message that must come.
 */
record RuleCase(String name, String comment, List<ObjectNode> documents) {
    private static final YAMLMapper YAML = new YAMLMapper();

    static List<RuleCase> in(String folder) {
        try (var files =
                Files.list(Manifests.directory().resolve("src/test/resources").resolve(folder))) {
            return files.sorted().map(RuleCase::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static RuleCase read(Path file) {
        try (var documents = YAML.readerFor(ObjectNode.class).<ObjectNode>readValues(file.toFile())) {
            var first = Files.readAllLines(file).get(0);
            return new RuleCase(
                    file.getFileName().toString(),
                    first.startsWith("# ") ? first.substring(2) : "",
                    new ArrayList<>(documents.readAll()));
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }
}
