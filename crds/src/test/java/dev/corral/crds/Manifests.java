package dev.corral.crds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginPool;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The manifests, made from the records: Fabric8's generator, then what it has no annotations for. */
final class Manifests {
    private static final String HEADER =
            "# Generated from the records in src/main/java/dev/corral/api/v1alpha1 by CrdManifestTest; rewrite with -Dcorral.rewrite=true.\n";

    private static final Map<Class<? extends HasMetadata>, String> KINDS = new LinkedHashMap<>();

    static {
        KINDS.put(Plugin.class, "A container image plus its handlers, what they ask for and what they declare.");
        KINDS.put(ClusterPlugin.class, "A plugin of the administrators' catalogue, usable from every namespace.");
        KINDS.put(PluginExecution.class, "One run of one handler with one input.");
        KINDS.put(PluginPolicy.class, "Narrows, for one namespace, what cluster policies grant.");
        KINDS.put(ClusterPluginPolicy.class, "What an administrator grants to plugins.");
        KINDS.put(PluginPool.class, "Warm pods of one sandbox class, each for one attempt.");
        KINDS.put(CorralCluster.class, "What this cluster was seen to enforce; one object, written by the operator.");
    }

    /** Server-side apply merges these lists by this key, and names in them are unique. */
    private static final Map<String, String> LIST_KEYS = Map.of(
            "handlers", "name",
            "artifacts", "name",
            "env", "name",
            "secrets", "name",
            "files", "name",
            "services", "name",
            "capabilities", "name",
            "enforcement", "permission");

    private static final Set<String> TIMES =
            Set.of("expires", "startTime", "completionTime", "claimTime", "lastTransitionTime", "since", "lastSeen");

    /** May be any JSON value; all other free-form fields are objects. */
    private static final String ANY_JSON = "result";

    private static final String OBSERVED = "observedGeneration";

    private static final YAMLMapper YAML = new YAMLMapper();

    private Manifests() {}

    /** File name to YAML. */
    static Map<String, String> generate() {
        var manifests = new TreeMap<String, String>();
        KINDS.forEach((kind, description) -> {
            var crd = generate(kind);
            orderColumns(crd, kind);
            complete(crd, description);
            if (kind == PluginPool.class) {
                scale(crd);
            }
            manifests.put(crd.at("/metadata/name").asText() + ".yaml", ManifestYaml.write(HEADER, crd));
        });
        return manifests;
    }

    private static ObjectNode generate(Class<? extends HasMetadata> kind) {
        var output = new Collected();
        new CRDGenerator()
                .customResourceClasses(List.of(kind))
                .forCRDVersions("v1")
                .withOutput(output)
                .generate();
        try {
            return (ObjectNode) YAML.readTree(output.bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Collected implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return bytes;
        }

        @Override
        public void close() {}
    }

    /** The generator sorts columns by path; a reader wants them as declared. */
    private static void orderColumns(ObjectNode crd, Class<?> kind) {
        var version = (ObjectNode) crd.at("/spec/versions/0");
        var byName = new LinkedHashMap<String, ObjectNode>();
        version.get("additionalPrinterColumns")
                .forEach(column -> byName.put(column.get("name").asText(), (ObjectNode) column));
        var ordered = version.putArray("additionalPrinterColumns");
        for (var declared : kind.getAnnotationsByType(AdditionalPrinterColumn.class)) {
            var column = byName.get(declared.name());
            if (declared.priority() == 0) {
                column.remove("priority");
            }
            ordered.add(column);
        }
    }

    private static void complete(ObjectNode crd, String description) {
        var spec = (ObjectNode) crd.get("spec");
        ((ObjectNode) spec.get("names")).putArray("categories").add("corral");
        var schema = (ObjectNode) spec.at("/versions/0/schema/openAPIV3Schema");
        schema.put("description", description);
        // the API server knows these three better; repeating them adds nothing
        var properties = (ObjectNode) schema.get("properties");
        properties.remove(List.of("apiVersion", "kind", "metadata"));
        if (properties.at("/spec/properties").isMissingNode()) {
            // a kind that is status alone
            properties.remove("spec");
        } else {
            ((ObjectNode) properties.get("spec")).put("description", "What is wanted.");
            schema.putArray("required").add("spec");
        }
        var status = (ObjectNode) properties.get("status");
        status.put("description", "What is; written by the operator.");
        if (status.get("properties").has(OBSERVED)) {
            // who waits for an object of which nothing is said yet takes it for done (kstatus); no generation is
            // observed before the first
            status.putObject("default").put(OBSERVED, -1);
        }
        walk(schema);
        ownedWhole((ObjectNode) properties.at("/status/properties"));
    }

    /**
     * Each field of a status has one writer, who writes it whole: said so, the API server keeps one entry of ownership for it instead of
     * one for each leaf below. Of conditions, too, which are a map by their key elsewhere in Kubernetes, for their several writers: as a map
     * the six of an execution were a fifth of its size, and a quarter of what its writes cost the API server (docs/pools.md).
     */
    private static void ownedWhole(ObjectNode status) {
        status.properties().forEach(entry -> {
            var field = (ObjectNode) entry.getValue();
            switch (field.path("type").asText()) {
                case "object" -> field.put("x-kubernetes-map-type", "atomic");
                case "array" ->
                    field.remove(
                            List.of("x-kubernetes-list-type", "x-kubernetes-list-map-keys")); // atomic is the default
                default -> {}
            }
        });
    }

    private static void scale(ObjectNode crd) {
        ((ObjectNode) crd.at("/spec/versions/0/subresources"))
                .putObject("scale")
                .put("specReplicasPath", ".spec.replicas")
                .put("statusReplicasPath", ".status.replicas")
                .put("labelSelectorPath", ".status.selector");
    }

    private static void walk(ObjectNode schema) {
        // the generator finds the annotations of a record component on its field and again on its accessor
        if (schema.get("x-kubernetes-validations") instanceof ArrayNode rules) {
            var unique = new LinkedHashSet<JsonNode>();
            rules.forEach(unique::add);
            schema.putArray("x-kubernetes-validations").addAll(unique);
        }
        if (schema.get("properties") instanceof ObjectNode properties) {
            properties.properties().forEach(entry -> completeProperty(entry.getKey(), (ObjectNode) entry.getValue()));
        }
        for (var nested : List.of("items", "additionalProperties")) {
            if (schema.get(nested) instanceof ObjectNode child) {
                walk(child);
            }
        }
    }

    private static void completeProperty(String name, ObjectNode property) {
        if (property.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
            if (name.equals(ANY_JSON)) {
                property.remove("type");
            } else {
                property.put("type", "object");
                property.put("x-kubernetes-map-type", "atomic"); // one value, not an entry of ownership for each key
            }
        }
        if (TIMES.contains(name)) {
            property.put("format", "date-time");
        }
        var key = LIST_KEYS.get(name);
        if (key != null && property.at("/items/properties").has(key)) {
            property.put("x-kubernetes-list-type", "map");
            property.putArray("x-kubernetes-list-map-keys").add(key);
        }
        walk(property);
    }

    /** Beside pom.xml, so that {@code kubectl apply --server-side -f crds/} works. */
    static Path directory() {
        var module = Path.of(System.getProperty("basedir", ""));
        if (!Files.exists(module.resolve("pom.xml"))) {
            throw new IllegalStateException("run the tests from the directory of the module");
        }
        return module.toAbsolutePath();
    }
}
