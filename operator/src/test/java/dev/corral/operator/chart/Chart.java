package dev.corral.operator.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The chart as Helm renders it with some values: documents as they are, nothing lost to typed models. */
record Chart(List<GenericKubernetesResource> objects) {
    static final String NAMESPACE = "corral-system";
    static final String LAUNCHER = "images.example/corral/launcher@sha256:" + "b".repeat(64);
    static final Map<String, Object> IMAGES = Map.of(
            "images.operator", "images.example/corral/operator@sha256:" + "a".repeat(64), "images.launcher", LAUNCHER);

    static Path folder() {
        return module().resolve("../helm").normalize();
    }

    /** The manifests the chart's copies must equal. */
    static Path manifests() {
        return module().resolve("../crds").normalize();
    }

    private static Path module() {
        return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
    }

    static Chart rendered() {
        return rendered(Map.of());
    }

    /** Rendered with both images and {@code values}, dotted names as in {@code --set}. */
    static Chart rendered(Map<String, Object> values) {
        return rendered(NAMESPACE, values);
    }

    /** The same, installed into that namespace. */
    static Chart rendered(String namespace, Map<String, Object> values) {
        return of(template(namespace, values));
    }

    /** Rendered with both images and a file of values. */
    static Chart with(Path values) {
        return of(template(NAMESPACE, Map.of()).withValuesFile(values));
    }

    private static TemplateCommand template(String namespace, Map<String, Object> values) {
        var command = new Helm(folder())
                .template()
                .withName("corral")
                .withNamespace(namespace)
                .withKubeVersion("1.36.0");
        var all = new TreeMap<>(IMAGES);
        all.putAll(values);
        all.forEach(command::set);
        return command;
    }

    private static Chart of(TemplateCommand command) {
        return new Chart(Arrays.stream(command.call().split("(?m)^---\\s*$"))
                .filter(Predicate.not(Chart::isEmpty))
                .map(document -> Serialization.unmarshal(document, GenericKubernetesResource.class))
                .toList());
    }

    private static boolean isEmpty(String document) {
        return document.lines().allMatch(line -> line.isBlank() || line.startsWith("#"));
    }

    Stream<GenericKubernetesResource> ofKind(String kind) {
        return objects.stream().filter(object -> object.getKind().equals(kind));
    }

    GenericKubernetesResource the(String kind, String name) {
        return ofKind(kind)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("the chart has no " + kind + " " + name));
    }

    static JsonNode tree(Object object) {
        return new ObjectMapper().valueToTree(object);
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
