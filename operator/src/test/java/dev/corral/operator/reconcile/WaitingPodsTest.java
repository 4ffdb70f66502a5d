package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.reconcile.WaitingPods.Taker;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitingPodsTest {
    private static final Taker FIRST = execution("first");
    private static final Taker SECOND = execution("second");

    private final WaitingPods waiting = new WaitingPods();
    private final Pod a = pod("a");
    private final Pod b = pod("b");

    /** The watch is behind its claim, so it looks once more as one that has nothing. */
    @Test
    void anExecutionThatHasAPodIsShownNoOther() {
        assertThat(waiting.take("b", FIRST)).isTrue();

        assertThat(waiting.leftFor(FIRST, List.of(a, b))).containsExactly(b);
        assertThat(waiting.leftFor(SECOND, List.of(a, b))).containsExactly(a);
    }

    @Test
    void onceItsPodIsGoneItTakesAnother() {
        waiting.take("b", FIRST);

        assertThat(waiting.leftFor(FIRST, List.of(a))).containsExactly(a);
    }

    @Test
    void whatIsGivenBackIsForEverybody() {
        waiting.take("b", FIRST);
        waiting.giveBack("b", FIRST);

        assertThat(waiting.leftFor(SECOND, List.of(a, b))).containsExactly(a, b);
    }

    /** The write went through; the look that fails after it saw an old status. */
    @Test
    void whatIsClaimedIsNeverGivenBack() {
        waiting.take("b", FIRST);
        waiting.claims("b", FIRST);

        waiting.take("b", FIRST);
        waiting.giveBack("b", FIRST);
        waiting.givesBackAll(FIRST);

        assertThat(waiting.leftFor(SECOND, List.of(a, b))).containsExactly(a);
    }

    @Test
    void anExecutionThatGoesAnotherWayLeavesWhatItTook() {
        waiting.take("a", SECOND);
        waiting.take("b", FIRST);

        waiting.givesBackAll(FIRST);

        assertThat(waiting.leftFor(FIRST, List.of(a, b))).containsExactly(b);
    }

    private static Taker execution(String name) {
        return new Taker("PluginExecution", new ResourceID(name, "team"), name + "-uid");
    }

    private static Pod pod(String uid) {
        return new PodBuilder().withNewMetadata().withUid(uid).endMetadata().build();
    }
}
