package dev.corral.operator.examples;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.ExecutionMode;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.decide.Clocks;
import dev.corral.operator.decide.Decider;
import dev.corral.operator.decide.Snapshot;
import dev.corral.operator.decide.Surroundings;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.policy.AlwaysExcepted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What its README applies, in a world that {@code examples/install} made and with nothing else in it. */
record Example(Path folder, List<JsonNode> applied) {
    static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE))
            .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private static final String NAMESPACE = "demo";
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    private static final Pattern APPLY = Pattern.compile("(?m)^ +examples/apply (.+)$");
    private static final Pattern RANGES = Pattern.compile("(?m)^ranges=([0-9a-f./:,]+)$");
    private static final Installation INSTALLATION = new Installation(
            "corral-system",
            pinned("corral.local/launcher"),
            LauncherDelivery.ImageVolume,
            "10.96.0.50",
            "replaced by mode Plan",
            "0.1.0",
            "");
    private static final ClusterPluginPolicy FALLBACK = fallback();

    static Example of(Path folder) {
        return new Example(
                folder,
                applies(folder).stream()
                        .map(name -> folder.resolveSibling(name))
                        .flatMap(Example::files)
                        .flatMap(file -> documents(file).stream())
                        .toList());
    }

    /** What the first line with {@code examples/apply} in the README names. */
    static List<String> applies(Path folder) {
        List<String> lines = Repository.all(APPLY, Repository.read(folder.resolve("README.md")));
        return lines.isEmpty() ? List.of() : List.of(lines.getFirst().split(" "));
    }

    static Stream<Path> files(Path folder) {
        return Repository.children(folder).stream()
                .filter(file -> file.toString().endsWith(".yaml"));
    }

    static List<JsonNode> documents(Path file) {
        try (var parser = YAML.getFactory().createParser(Repository.read(file))) {
            return YAML.readValues(parser, JsonNode.class).readAll().stream()
                    .filter(JsonNode::isObject)
                    .toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(file.toString(), unreadable);
        }
    }

    /** Of this folder alone: what another folder brings along is shown there. */
    List<PluginExecution> executions() {
        return documents(folder.resolve("execution.yaml")).stream()
                .map(document -> convert(document, PluginExecution.class))
                .toList();
    }

    /** The decision, as {@code mode: Plan} shows it. */
    PluginExecutionStatus planned(PluginExecution written) {
        JsonNode document = YAML.valueToTree(written);
        ((ObjectNode) document.get("spec")).put("mode", ExecutionMode.Plan.name());
        PluginExecution execution = convert(document, PluginExecution.class);
        execution.getMetadata().setNamespace(NAMESPACE);
        execution.getMetadata().setUid(uid(execution.getMetadata().getName()));
        execution.getMetadata().setGeneration(1L);
        Decider decider = Decider.standard(AlwaysExcepted.with(clusterRanges()), Clocks.standard());
        return decider.decide(world(execution), NOW).status().orElseThrow();
    }

    private Snapshot world(PluginExecution execution) {
        List<ClusterPluginPolicy> policies = new ArrayList<>(List.of(FALLBACK));
        all("ClusterPluginPolicy", ClusterPluginPolicy.class).forEach(policies::add);
        policies.forEach(policy -> {
            policy.getMetadata().setUid(uid(policy.getMetadata().getName()));
            policy.getMetadata().setGeneration(1L);
        });
        String name = Optional.ofNullable(execution.getSpec().plugin().name()).orElseThrow();
        return Snapshot.bare(
                execution,
                new Surroundings(
                        all("Plugin", Plugin.class)
                                .filter(plugin -> plugin.getMetadata().getName().equals(name))
                                .map(plugin ->
                                        new FoundPlugin("Plugin", name, uid("Plugin " + name), 1, plugin.getSpec()))
                                .findFirst(),
                        Map.of("kubernetes.io/metadata.name", NAMESPACE),
                        policies,
                        List.of(),
                        Set.of(),
                        false,
                        INSTALLATION));
    }

    /** The objects of a kind, their images pinned as {@code examples/apply} pins them. */
    private <T> Stream<T> all(String kind, Class<T> type) {
        return applied.stream()
                .filter(document -> document.path("kind").asText().equals(kind))
                .map(JsonNode::<JsonNode>deepCopy)
                .map(document -> {
                    if (document.path("spec").get("image") != null) {
                        String image = document.path("spec").path("image").asText();
                        ((ObjectNode) document.get("spec")).put("image", pinned(image));
                    }
                    return convert(document, type);
                });
    }

    static <T> T convert(JsonNode document, Class<T> type) {
        return YAML.convertValue(document, type);
    }

    /** The object again as sorted YAML, so that files differ only where objects do. */
    static String sorted(String yaml) {
        try {
            return YAML.writeValueAsString(YAML.readValue(yaml, TreeMap.class));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static String pinned(String image) {
        return image + "@sha256:" + "0123456789abcdef".repeat(4);
    }

    private static String uid(String name) {
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private static List<CidrBlock> clusterRanges() {
        return Repository.all(RANGES, Repository.read("examples/install")).stream()
                .flatMap(list -> Arrays.stream(list.split(",")))
                .map(CidrBlock::of)
                .toList();
    }

    /** The chart's, without what Helm fills in: rendering leaves hooks out. */
    private static ClusterPluginPolicy fallback() {
        String yaml = Repository.read("helm/templates/policy/fallback.yaml")
                .lines()
                .filter(line -> !line.contains("{{"))
                .collect(Collectors.joining("\n"));
        try {
            return YAML.readValue(yaml, ClusterPluginPolicy.class);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
