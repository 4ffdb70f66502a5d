package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import org.junit.jupiter.api.Test;

final class SlimStoreTest {
    @Test
    void aLargeExecutionIsKeptSlimUnderItsName() {
        var large = new PluginExecution();
        large.setMetadata(new ObjectMetaBuilder()
                .withNamespace("docs")
                .withName("check")
                .addToAnnotations("a", "x".repeat(100_000))
                .build());
        var store = new SlimStore<PluginExecution>(Slim::of);

        store.put(store.getKey(large), large);

        assertThat(Slim.is(store.get("docs/check"))).isTrue();
    }
}
