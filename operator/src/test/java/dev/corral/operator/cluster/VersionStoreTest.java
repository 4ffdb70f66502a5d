package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import org.junit.jupiter.api.Test;

class VersionStoreTest {
    private final VersionStore<PluginExecution> store = new VersionStore<>(PluginExecution::new);

    /** The informer passes on what has another version than what was there. */
    @Test
    void whatWasThereHasItsVersionAndNothingElse() {
        assertThat(put("1")).isNull();
        var before = put("2");
        assertThat(before.getMetadata())
                .isEqualTo(new ObjectMetaBuilder()
                        .withNamespace("docs")
                        .withName("run")
                        .withUid("u-1")
                        .withResourceVersion("1")
                        .build());
        assertThat(before.getStatus()).isNull();
        assertThat(store.get("docs/run").getMetadata().getResourceVersion()).isEqualTo("2");
    }

    /** Who is told of an end has to know of which object. */
    @Test
    void whatGoesSaysWhichItWas() {
        put("1");
        assertThat(store.values()).hasSize(1);
        assertThat(store.remove("docs/run").getMetadata().getUid()).isEqualTo("u-1");
        assertThat(store.remove("docs/run")).isNull();
        assertThat(store.size()).isZero();
    }

    private PluginExecution put(String version) {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace("docs")
                .withName("run")
                .withUid("u-1")
                .withResourceVersion(version)
                .addToLabels("large", "one")
                .build());
        return store.put(store.getKey(execution), execution);
    }
}
