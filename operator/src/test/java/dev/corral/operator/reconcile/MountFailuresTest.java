package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.reconcile.Caches.Cache;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whoever may write Events writes what they like: of any pod, as long and as often. */
class MountFailuresTest {
    private static final String EARLY = "2026-11-23T07:00:00Z";
    private static final String LATE = "2026-11-23T07:00:05Z";

    private final Map<ResourceID, Pod> there = new HashMap<>();
    private final MountFailures failures = new MountFailures();

    @Test
    void theLastWordCountsInWhateverOrderTheyAreListed() {
        var pod = pod("pex-1");
        assertThat(heard(pod, LATE, "second")).isTrue();
        assertThat(heard(pod, EARLY, "first")).isFalse();
        assertThat(failures.of(pod)).contains("second");
        assertThat(heard(pod, LATE, "third")).isTrue();
        assertThat(failures.of(pod)).contains("third");
    }

    @Test
    void whatIsRepeatedIsNoNews() {
        var pod = pod("pex-1");
        assertThat(heard(pod, EARLY, "no such secret")).isTrue();
        assertThat(heard(pod, LATE, "no such secret")).isFalse();
        assertThat(heard(pod, EARLY, "another"))
                .as("older than what was repeated")
                .isFalse();
    }

    @Test
    void onlyOfAPodThatIsThereByNameAndUid() {
        var pod = pod("pex-1");
        var other = new PodBuilder(pod)
                .editMetadata()
                .withUid("other")
                .endMetadata()
                .build();
        assertThat(heard(other, EARLY, "x")).isFalse();
        assertThat(failures.of(other)).isEmpty();
        var unknown = pod("pex-2");
        there.remove(ResourceID.fromResource(unknown));
        assertThat(heard(unknown, EARLY, "x")).isFalse();
        assertThat(failures.of(unknown)).isEmpty();
        var nobody = event(pod, EARLY, "x");
        nobody.getInvolvedObject().setName(null);
        assertThat(failures.heard(nobody, cache())).isFalse();
        var timeless = event(pod, EARLY, "x");
        timeless.setLastTimestamp(null);
        assertThat(failures.heard(timeless, cache())).isFalse();
        assertThat(failures.of(pod)).isEmpty();
    }

    @Test
    void ofALongOneTheBeginningIsKept() {
        var pod = pod("pex-1");
        heard(pod, EARLY, "word " + "x".repeat(1_000_000));
        assertThat(failures.of(pod).orElseThrow()).startsWith("word x").hasSize(1024);
    }

    @Test
    void whatGoesIsForgottenAndOfTooManyTheOldest() {
        var first = pod("pex-0");
        heard(first, EARLY, "x");
        failures.forget(first);
        assertThat(failures.of(first)).isEmpty();
        heard(first, EARLY, "x");
        for (var i = 1; i <= 1000; i++) {
            heard(pod("pex-" + i), EARLY, "x");
        }
        assertThat(failures.of(first)).isEmpty();
        assertThat(failures.of(pod("pex-1"))).isPresent();
    }

    private boolean heard(Pod pod, String at, String words) {
        return failures.heard(event(pod, at, words), cache());
    }

    private Pod pod(String name) {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName(name)
                .withUid("uid-of-" + name)
                .endMetadata()
                .build();
        there.put(ResourceID.fromResource(pod), pod);
        return pod;
    }

    private static Event event(Pod pod, String at, String words) {
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .endMetadata()
                .withNewInvolvedObject()
                .withKind("Pod")
                .withName(pod.getMetadata().getName())
                .withUid(pod.getMetadata().getUid())
                .endInvolvedObject()
                .withLastTimestamp(at)
                .withMessage(words)
                .build();
    }

    private Cache<Pod> cache() {
        return new Shown<>(there.values());
    }
}
