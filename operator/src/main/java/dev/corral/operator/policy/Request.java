package dev.corral.operator.policy;

import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Section;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One execution's question to the policies. {@code image} and {@code plugin} come from the plugin object, {@code handler} and
 * {@code execution} narrow it section by section; {@code secrets}, {@code envNames}, {@code artifacts} and {@code claims} are what the execution itself names.
 */
public record Request(
        String namespace,
        Map<String, String> namespaceLabels,
        PluginName pluginName,
        ImageReference image,
        Layer plugin,
        Optional<Layer> handler,
        Optional<Layer> execution,
        List<SecretKeys> secrets,
        List<String> envNames,
        OptionalLong timeoutMillis,
        List<NamedArtifact> artifacts,
        List<NamedClaim> claims) {

    /** {@code catalogue}: a ClusterPlugin, whose name an administrator chose; else a Plugin of the namespace. */
    public record PluginName(boolean catalogue, String name) {
        public static PluginName of(String kind, String name) {
            return new PluginName(kind.equals("ClusterPlugin"), name);
        }

        @Override
        public String toString() {
            return (catalogue ? "ClusterPlugin/" : "Plugin/") + name;
        }
    }

    /**
     * What one author wrote. {@code author} names the object for people, {@code path} is where {@code permissions} stands in it,
     * {@code stated} the fields it narrows, be they empty.
     */
    public record Layer(String author, String path, Set<PermissionField> stated, Permissions permissions) {
        public Layer {
            stated = stated.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(stated));
        }

        /** A layer whose author wrote these sections: with a section all of its fields are stated. */
        public static Layer of(String author, String path, Set<Section> sections, Permissions permissions) {
            Set<PermissionField> stated = EnumSet.allOf(PermissionField.class);
            stated.removeIf(field -> !sections.contains(field.section()));
            return new Layer(author, path, stated, permissions);
        }

        /** A layer all of whose fields count, present or not. */
        public static Layer complete(String author, String path, Permissions permissions) {
            return new Layer(author, path, EnumSet.allOf(PermissionField.class), permissions);
        }
    }

    public Request {
        namespaceLabels = Map.copyOf(namespaceLabels);
        secrets = List.copyOf(secrets);
        envNames = List.copyOf(envNames);
        artifacts = List.copyOf(artifacts);
        claims = List.copyOf(claims);
    }

    /** The same question with other layers of the plugin. */
    Request with(Layer otherPlugin, Optional<Layer> otherHandler) {
        return new Request(
                namespace,
                namespaceLabels,
                pluginName,
                image,
                otherPlugin,
                otherHandler,
                execution,
                secrets,
                envNames,
                timeoutMillis,
                artifacts,
                claims);
    }

    /** Whether the capability is asked for and no narrower layer leaves it out. */
    boolean requires(String capability) {
        return layers().stream()
                .filter(layer -> layer.stated().contains(PermissionField.CAPABILITIES))
                .allMatch(layer -> layer.permissions().capabilities().stream()
                        .anyMatch(name -> name.name().equals(capability)));
    }

    /** From the widest to the narrowest. */
    public List<Layer> layers() {
        List<Layer> layers = new ArrayList<>();
        layers.add(plugin);
        handler.ifPresent(layers::add);
        execution.ifPresent(layers::add);
        return layers;
    }
}
