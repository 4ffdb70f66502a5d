package dev.corral.operator.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The tests of the Go programs – launcher, image tools, benchmarks – one JUnit test each, so that they count and fail like any other. */
class GoProgramsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How one Go test ended, and everything it printed. */
    private record Outcome(String name, String action, String output) {}

    @TestFactory
    Stream<DynamicTest> launcher() throws IOException, InterruptedException {
        return tests(Path.of("../launcher"));
    }

    @TestFactory
    Stream<DynamicTest> imageTools() throws IOException, InterruptedException {
        return tests(Path.of("../cluster/tools"));
    }

    /** That they compile, and that their arithmetic is right; nothing is measured. */
    @TestFactory
    Stream<DynamicTest> benchmarks() throws IOException, InterruptedException {
        return tests(Path.of("../benchmarks"));
    }

    private static Stream<DynamicTest> tests(Path module) throws IOException, InterruptedException {
        Process go = new ProcessBuilder("go", "test", "-json", "-count=1", "-timeout=40m", "./...")
                .directory(module.toFile())
                .redirectErrorStream(true)
                .start();
        Map<String, StringBuilder> outputs = new LinkedHashMap<>();
        Map<String, Outcome> ended = new LinkedHashMap<>();
        StringBuilder unread = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(go.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("{")) {
                    unread.append(line).append('\n');
                    continue;
                }
                read(JSON.readTree(line), outputs, ended, unread);
            }
        }
        int exit = go.waitFor();
        boolean explained =
                ended.values().stream().anyMatch(outcome -> outcome.action().equals("fail"));
        assertThat(exit == 0 || explained)
                .as("go test in %s: %s", module, unread)
                .isTrue();
        assertThat(ended).as("go test in %s ran nothing: %s", module, unread).isNotEmpty();
        return List.copyOf(ended.values()).stream()
                .map(outcome -> DynamicTest.dynamicTest(outcome.name(), () -> tell(outcome)));
    }

    private static void read(
            JsonNode event, Map<String, StringBuilder> outputs, Map<String, Outcome> ended, StringBuilder unread) {
        String test = event.path("Test").asText("");
        String name = event.path("Package").asText("") + " " + test;
        String action = event.path("Action").asText();
        if (action.equals("output") || action.equals("build-output")) {
            StringBuilder sink = test.isEmpty() ? unread : outputs.computeIfAbsent(name, any -> new StringBuilder());
            sink.append(event.path("Output").asText());
        }
        if (!test.isEmpty() && (action.equals("pass") || action.equals("fail") || action.equals("skip"))) {
            String output = String.valueOf(outputs.getOrDefault(name, new StringBuilder()));
            ended.put(name, new Outcome(name, action, output));
        }
    }

    private static void tell(Outcome outcome) {
        switch (outcome.action()) {
            case "pass" -> assertThat(outcome.output()).doesNotContain("--- FAIL");
            case "skip" -> abort(outcome.output());
            default -> fail(outcome.output());
        }
    }
}
