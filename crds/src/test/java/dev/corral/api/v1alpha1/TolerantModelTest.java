package dev.corral.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.DefaultKubernetesResourceList;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One object of an older or newer CRD never blinds an informer, and what we write carries only what is set. */
class TolerantModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JUNK = "junkOfAnotherVersion";
    private final KubernetesSerialization serialization = new KubernetesSerialization();

    @ParameterizedTest
    @ValueSource(
            classes = {
                Plugin.class,
                ClusterPlugin.class,
                PluginExecution.class,
                PluginPolicy.class,
                ClusterPluginPolicy.class,
                PluginPool.class,
                CorralCluster.class
            })
    void unknownFieldsAndValuesAreReadOver(Class<? extends HasMetadata> kind) {
        var arguments = ((ParameterizedType) kind.getGenericSuperclass()).getActualTypeArguments();
        var object = JSON.createObjectNode();
        object.put("apiVersion", "corral.dev/v1alpha1").put("kind", kind.getSimpleName());
        object.putObject("metadata").put("name", "future");
        if (arguments[0] instanceof Class<?> spec && spec.isRecord()) {
            object.set("spec", filled(spec));
        }
        object.set("status", filled(arguments[1]));
        object.putObject(JUNK).put("a", 1);

        var read = serialization.unmarshal(object.toString(), kind);

        assertThat(read.getMetadata().getName()).isEqualTo("future");
        var written = JSON.<JsonNode>valueToTree(serialization.convertValue(read, Map.class));
        assertThat(written.findValues(JUNK)).isEmpty();
    }

    @Test
    void oneStrangeObjectDoesNotSpoilTheList() {
        var list = serialization.unmarshal("""
                {"apiVersion": "corral.dev/v1alpha1", "kind": "PluginExecutionList", "metadata": {}, "items": [
                  {"apiVersion": "corral.dev/v1alpha1", "kind": "PluginExecution", "metadata": {"name": "strange"},
                   "spec": {"plugin": null, "mode": "Rehearse", "env": null, "input": null},
                   "status": {"enforcement": [{"permission": "network", "state": "Guessed"}], "result": [1, {"a": null}]}},
                  {"apiVersion": "corral.dev/v1alpha1", "kind": "PluginExecution", "metadata": {"name": "plain"},
                   "spec": {"plugin": {"name": "a"}, "handler": "b", "mode": "Run"}}]}
                """, Executions.class);
        var strange = list.getItems().get(0);
        assertThat(strange.getSpec().plugin()).isNull();
        assertThat(strange.getSpec().env()).isNull();
        assertThat(strange.getSpec().mode())
                .as("an unknown mode starts nothing")
                .isEqualTo(ExecutionMode.Plan);
        assertThat(strange.getStatus().enforcement().get(0).state())
                .as("an unknown state is no proof")
                .isEqualTo(EnforcementState.NotEnforced);
        assertThat(list.getItems().get(1).getSpec().mode()).isEqualTo(ExecutionMode.Run);
    }

    @Test
    void anUnknownImagePolicyIsTheStricterOne() {
        assertThat(serialization
                        .unmarshal("{\"imageReferences\": \"Signed\"}", ClusterPluginPolicySpec.class)
                        .imageReferences())
                .isEqualTo(ImageReferencePolicy.Digest);
    }

    @Test
    void onlyWhatIsSetIsWritten() {
        var reference = new PluginReference("link-checker", null);
        assertThat(serialization.asJson(reference)).isEqualTo("{\"name\":\"link-checker\"}");
        assertThat(serialization.asJson(new RunTimings(null, 3L, null, null, null, null, null, null)))
                .isEqualTo("{\"decided\":3}");
    }

    @Test
    void everyRecordIsAnApiObject() {
        var records = new ArrayList<Class<?>>();
        for (var root : List.of(
                PluginSpec.class,
                PluginStatus.class,
                PluginExecutionSpec.class,
                PluginExecutionStatus.class,
                PluginPoolSpec.class,
                PluginPoolStatus.class,
                PluginPolicySpec.class,
                PolicyStatus.class,
                ClusterPluginPolicySpec.class,
                CorralClusterStatus.class)) {
            collect(root, records);
        }
        assertThat(records).hasSizeGreaterThan(40).allMatch(type -> type.isAnnotationPresent(ApiObject.class));
    }

    /** Every field with a value of its type, and junk in every object. */
    private static JsonNode filled(Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            return (JSON.createArrayNode()).add(filled(generic.getActualTypeArguments()[0]));
        }
        if (type instanceof ParameterizedType) {
            return JSON.createObjectNode().put("key", "value");
        }
        if (type instanceof Class<?> record && record.isRecord()) {
            var object = JSON.createObjectNode();
            object.putObject(JUNK).put("a", 1);
            for (RecordComponent component : record.getRecordComponents()) {
                object.set(component.getName(), filled(component.getGenericType()));
            }
            return object;
        }
        if (type == Long.class || type == Integer.class) {
            return JSON.getNodeFactory().numberNode(1);
        }
        if (type == Boolean.class) {
            return JSON.getNodeFactory().booleanNode(true);
        }
        if (type == JsonNode.class) {
            return JSON.createObjectNode().put("free", "form");
        }
        // a string, or an enum constant that is not ours
        return JSON.getNodeFactory().textNode("SomethingElse");
    }

    private static void collect(Type type, List<Class<?>> records) {
        if (type instanceof ParameterizedType generic) {
            for (var argument : generic.getActualTypeArguments()) {
                collect(argument, records);
            }
        } else if (type instanceof Class<?> record && record.isRecord() && !records.contains(record)) {
            records.add(record);
            for (var component : record.getRecordComponents()) {
                collect(component.getGenericType(), records);
            }
        }
    }

    private static final class Executions extends DefaultKubernetesResourceList<PluginExecution> {
        private static final long serialVersionUID = 1;
    }
}
