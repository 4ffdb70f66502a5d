package dev.corral.operator.clusterit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;

/** A plugin and an execution of the same name, in the making. All parts are YAML as people write them. */
final class PluginDraft {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

    private final Team team;
    private final String name;
    private final ObjectNode plugin;
    private final ObjectNode execution;

    PluginDraft(Team team, String name, String image, String... command) {
        this.team = team;
        this.name = name;
        plugin = object("""
                apiVersion: corral.dev/v1alpha1
                kind: Plugin
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  image: %3$s
                  handlers: [{name: main}]
                """.formatted(name, team.namespace(), team.cluster().image(image)));
        handler().set("command", YAML.valueToTree(List.of(command)));
        execution = object("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: %1$s, namespace: %2$s}
                spec: {plugin: {name: %1$s}, handler: main}
                """.formatted(name, team.namespace()));
    }

    /** {@code spec.permissions} of the plugin. */
    PluginDraft asks(String permissions) {
        spec(plugin).set("permissions", object(permissions));
        return this;
    }

    /** {@code spec.artifacts} of the plugin: these names, each a file of that name. */
    PluginDraft leaves(String... artifacts) {
        spec(plugin)
                .set(
                        "artifacts",
                        YAML.valueToTree(List.of(artifacts).stream()
                                .map(file -> Map.of("name", file, "path", file, "type", "text/plain"))
                                .toList()));
        return this;
    }

    PluginDraft image(String reference) {
        spec(plugin).put("image", reference);
        return this;
    }

    /** The JSON Schema of the handler's input. */
    PluginDraft expects(String schema) {
        handler().set("input", object(schema));
        return this;
    }

    /** More of the execution's spec. */
    PluginDraft with(String more) {
        spec(execution).setAll(object(more));
        return this;
    }

    /** Creates the plugin alone. */
    void plugin() {
        create(plugin);
    }

    /** Creates the execution alone. */
    Run execution() {
        create(execution);
        return new Run(team, name);
    }

    /** Creates both. */
    Run start() {
        plugin();
        return execution();
    }

    private void create(ObjectNode object) {
        team.client()
                .resource(Serialization.unmarshal(object.toString(), GenericKubernetesResource.class))
                .create();
    }

    private ObjectNode handler() {
        return (ObjectNode) plugin.at("/spec/handlers/0");
    }

    private static ObjectNode spec(ObjectNode of) {
        return (ObjectNode) of.get("spec");
    }

    private static ObjectNode object(String yaml) {
        try {
            return YAML.readValue(yaml, ObjectNode.class);
        } catch (JsonProcessingException malformed) {
            throw new IllegalArgumentException(yaml, malformed);
        }
    }
}
