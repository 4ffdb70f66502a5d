package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeletionsTest {
    private final List<Pod> heard = new ArrayList<>();
    private final Deletions<Pod> deletions = new Deletions<>(Pod.class, heard::add);

    /** A watch that begins anew tells of an object as it was and as it is, and these may be two. */
    @Test
    void whatAnotherOfItsNameHasReplacedIsDeleted() {
        deletions.onResourceUpdated(pod("first", "2"), pod("first", "1"));
        assertThat(heard).isEmpty();

        deletions.onResourceUpdated(pod("second", "3"), pod("first", "2"));
        assertThat(heard).containsExactly(pod("first", "2"));

        deletions.onResourceDeleted(pod("second", "3"));
        assertThat(heard).containsExactly(pod("first", "2"), pod("second", "3"));
    }

    private static Pod pod(String uid, String version) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("one")
                .withUid(uid)
                .withResourceVersion(version)
                .endMetadata()
                .build();
    }
}
