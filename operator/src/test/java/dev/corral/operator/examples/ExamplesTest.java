package dev.corral.operator.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginPool;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The examples say what they do: every field is one we know, every image one we build, and {@code expected/} is what Corral makes of
 * it. {@code -Dcorral.rewrite=true} writes {@code expected/} anew; the diff is for review.
 */
class ExamplesTest {
    private static final boolean REWRITE = Boolean.getBoolean("corral.rewrite");
    private static final Map<String, Class<?>> KINDS = Map.of(
            "Plugin", Plugin.class,
            "ClusterPlugin", ClusterPlugin.class,
            "PluginExecution", PluginExecution.class,
            "PluginPolicy", PluginPolicy.class,
            "PluginPool", PluginPool.class,
            "ClusterPluginPolicy", ClusterPluginPolicy.class,
            "ConfigMap", ConfigMap.class,
            "Secret", Secret.class);
    private static final Pattern BUILT = Pattern.compile("(?m)^all=\\(([^)]*)\\)");

    @TestFactory
    Stream<DynamicTest> everyFieldIsOneWeKnow() {
        return Repository.examples().stream()
                .flatMap(Example::files)
                .map(file -> DynamicTest.dynamicTest(name(file), () -> {
                    for (JsonNode document : Example.documents(file)) {
                        Class<?> kind = KINDS.get(document.path("kind").asText());
                        assertThat(kind).as("kind %s", document.path("kind")).isNotNull();
                        JsonNode understood = Example.YAML.valueToTree(Example.convert(document, kind));
                        assertThat(fields(document, "")).isSubsetOf(fields(understood, ""));
                    }
                }));
    }

    @Test
    void everyImageIsOneThatIsBuilt() {
        Set<String> built = Set.of(Repository.all(BUILT, Repository.read("cluster/images"))
                .getFirst()
                .split(" "));
        List<String> images = Repository.examples().stream()
                .flatMap(Example::files)
                .flatMap(file -> Example.documents(file).stream())
                .filter(document -> document.path("kind").asText().equals("Plugin"))
                .map(document -> document.path("spec").path("image").asText())
                .toList();
        assertThat(images).isNotEmpty().allSatisfy(image -> {
            assertThat(image).startsWith("corral.local/");
            assertThat(built).contains(image.substring("corral.local/".length()));
        });
    }

    @TestFactory
    Stream<DynamicTest> expectedIsWhatIsRendered() {
        return Repository.examples().stream()
                .map(folder -> DynamicTest.dynamicTest(name(folder), () -> {
                    Example example = Example.of(folder);
                    Map<String, String> rendered = new TreeMap<>();
                    for (PluginExecution execution : example.executions()) {
                        render(example, execution, rendered);
                    }
                    compare(folder.resolve("expected"), rendered);
                }));
    }

    /** What a reader is told to type applies this very folder, and every script's list of examples is whole. */
    @Test
    void readmesApplyTheirOwnFolder() {
        for (Path folder : Repository.examples()) {
            assertThat(Example.applies(folder))
                    .as(name(folder))
                    .contains(folder.getFileName().toString());
            assertThat(Repository.read("README.md")).contains("examples/" + folder.getFileName() + ")");
        }
    }

    @Test
    void theyAreNumberedWithoutAGap() {
        List<String> numbers = Repository.examples().stream()
                .map(folder -> folder.getFileName().toString().substring(0, 2))
                .sorted()
                .toList();
        assertThat(numbers)
                .isEqualTo(IntStream.rangeClosed(1, numbers.size())
                        .mapToObj("%02d"::formatted)
                        .toList());
    }

    private static void render(Example example, PluginExecution execution, Map<String, String> files) {
        PluginExecutionStatus status = example.planned(execution);
        String name = execution.getMetadata().getName();
        if ("Denied".equals(status.verdict())) {
            String message = status.conditions().stream()
                    .filter(condition -> condition.type().equals("PermissionsGranted"))
                    .map(Condition::message)
                    .collect(Collectors.joining());
            files.put(name + "-denied.txt", message + "\n");
            return;
        }
        assertThat(status.verdict()).as("%s: %s", name, status.error()).isEqualTo("Granted");
        files.put(name + "-permissions.txt", String.join("\n", status.effectivePermissions()) + "\n");
        List<String> objects = status.plan().objects();
        assertThat(objects).hasSize(3);
        String written = "# written by ExamplesTest with -Dcorral.rewrite=true\n";
        files.put("1-default-deny.yaml", written + Example.sorted(objects.get(0)));
        files.put("2-network-class.yaml", written + Example.sorted(objects.get(1)));
        files.put("3-pod.yaml", written + Example.sorted(objects.get(2)));
    }

    private static void compare(Path folder, Map<String, String> rendered) throws IOException {
        if (REWRITE) {
            Files.createDirectories(folder);
            for (Path old : Repository.children(folder)) {
                Files.delete(old);
            }
            for (Map.Entry<String, String> file : rendered.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
        }
        Map<String, String> expected = new TreeMap<>();
        for (Path file : Repository.children(folder)) {
            expected.put(file.getFileName().toString(), Repository.read(file));
        }
        assertThat(rendered).isEqualTo(expected);
    }

    /** Every field with a value, as a path; lists by position. */
    private static Set<String> fields(JsonNode node, String path) {
        Set<String> all = new TreeSet<>();
        if (node.isObject()) {
            node.properties().forEach(entry -> all.addAll(fields(entry.getValue(), path + "." + entry.getKey())));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                all.addAll(fields(node.get(i), path + "[" + i + "]"));
            }
        } else {
            all.add(path + " = " + node.asText());
        }
        return all;
    }

    private static String name(Path path) {
        return Repository.ROOT.resolve("examples").relativize(path).toString();
    }
}
