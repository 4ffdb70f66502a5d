package dev.corral.operator.policy;

import dev.corral.operator.permission.Yaml;
import dev.corral.operator.policy.Request.PluginName;
import java.util.Optional;

/**
 * An artifact the execution itself names, as its input or as a file. {@code producer} is the plugin that execution runs, as our own
 * status says, empty while that is not decided; {@code path} is the field that names it.
 */
public record NamedArtifact(String path, String execution, String artifact, Optional<PluginName> producer) {
    @Override
    public String toString() {
        return "artifact " + Yaml.quoted(artifact) + " of PluginExecution " + execution
                + producer.map(plugin -> " (" + plugin + ")").orElse("");
    }
}
