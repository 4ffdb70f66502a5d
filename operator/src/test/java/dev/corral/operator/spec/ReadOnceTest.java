package dev.corral.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** An object is read once, and anew as soon as it is another one. */
class ReadOnceTest {
    private final AtomicInteger reads = new AtomicInteger();
    private final ReadOnce<ConfigMap, String> once = new ReadOnce<>(object -> {
        reads.incrementAndGet();
        return object.getData().get("says");
    });

    @Test
    void theSameInstanceIsReadOnce() {
        var object = object("uid-1", "first");
        assertThat(once.of(object)).isEqualTo("first");
        assertThat(once.of(object)).isEqualTo("first");
        assertThat(reads).hasValue(1);
    }

    @Test
    void whatChangedIsReadAnewAndSoIsWhatWentBack() {
        var before = object("uid-1", "first");
        assertThat(once.of(before)).isEqualTo("first");
        assertThat(once.of(object("uid-1", "second"))).isEqualTo("second");
        assertThat(once.of(before)).isEqualTo("first");
    }

    @Test
    void nobodyTakesTheWordOfAnother() {
        assertThat(once.of(object("uid-1", "first"))).isEqualTo("first");
        assertThat(once.of(object("uid-2", "second"))).isEqualTo("second");
        assertThat(once.of(object(null, "third"))).isEqualTo("third");
        assertThat(once.of(object(null, "fourth"))).isEqualTo("fourth");
    }

    private static ConfigMap object(String uid, String says) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withUid(uid)
                .endMetadata()
                .addToData("says", says)
                .build();
    }
}
