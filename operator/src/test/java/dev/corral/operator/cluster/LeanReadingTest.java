package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LeanReadingTest {
    @Test
    void whoWroteWhatIsNotReadAndEverythingElseIs() {
        assertThat(read(Pod.class).getMetadata().getManagedFields()).isEmpty();
        assertThat(read(PluginExecution.class).getMetadata().getManagedFields()).isEmpty();
    }

    private static <T extends HasMetadata> T read(Class<T> type) {
        var api = HasMetadata.getApiVersion(type);
        try (var client = Clients.with(Config.empty())) {
            T read = client.getKubernetesSerialization().unmarshal("""
                            {"apiVersion":"%s","kind":"%s","metadata":{"name":"a","namespace":"b","uid":"c","labels":{"d":"e"},
                             "managedFields":[{"manager":"f","operation":"Apply","fieldsV1":{"f:metadata":{"f:labels":{}}}}],
                             "resourceVersion":"7"}}
                            """.formatted(api, type.getSimpleName()), type);
            assertThat(read.getMetadata().getLabels()).isEqualTo(Map.of("d", "e"));
            assertThat(read.getMetadata().getResourceVersion())
                    .as("what comes after them")
                    .isEqualTo("7");
            assertThat(read.getMetadata().getAdditionalProperties()).isEmpty();
            return read;
        }
    }
}
