package dev.corral.operator.spec;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.operator.permission.Violation;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** One line of {@code specs.tsv}: a spec as people write it, and whether it can be read. */
record SpecCase(String kind, boolean readable, String spec) {
    static List<SpecCase> all() {
        try (var table = Objects.requireNonNull(SpecCase.class.getResourceAsStream("specs.tsv"))) {
            return new String(table.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(columns -> new SpecCase(columns[0], columns[1].equals("yes"), columns[2]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String yaml() {
        return "apiVersion: corral.dev/v1alpha1\nkind: " + kind + "\nmetadata: {name: x}\nspec: " + spec + "\n";
    }

    List<Violation> violations() {
        return violations(kind, yaml());
    }

    /** What the operator cannot read of an object. */
    static List<Violation> violations(String kind, String yaml) {
        return switch (kind) {
            case "ClusterPluginPolicy" ->
                SpecReader.clusterRule(Serialization.unmarshal(yaml, ClusterPluginPolicy.class))
                        .problems();
            case "PluginPolicy" ->
                SpecReader.namespaceRule(Serialization.unmarshal(yaml, PluginPolicy.class))
                        .problems();
            case "Plugin", "ClusterPlugin" ->
                SpecReader.lint(Serialization.unmarshal(yaml, Plugin.class).getSpec());
            default -> throw new IllegalArgumentException(kind + " is read where it is decided on");
        };
    }

    @Override
    public String toString() {
        return kind + " " + spec;
    }
}
