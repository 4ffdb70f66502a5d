package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corral.operator.reconcile.WaitingPods.Taker;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** A watch that was cut shows it for the last time as it was before. */
    @Test
    void ofAPodThatIsGoneNothingIsKept() {
        waiting.take("b", FIRST);
        waiting.claims("b", FIRST);
        waiting.handOver("b", () -> true);

        waiting.gone("b");

        assertThat(waiting.taker("b")).isEmpty();
        var again = new AtomicInteger();
        waiting.handOver("b", () -> again.incrementAndGet() > 0);
        assertThat(again).hasValue(1);
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

    /** An admission policy refused the new owner, or the API server did not answer. */
    @Test
    void aPodThatDidNotChangeHandsIsHandedOverAgain() {
        var tries = new AtomicInteger();

        waiting.handOver("a", () -> tries.incrementAndGet() > 2);
        assertThatThrownBy(() -> waiting.handOver("a", () -> {
                    tries.incrementAndGet();
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        waiting.handOver("a", () -> tries.incrementAndGet() > 2);
        waiting.handOver("a", () -> tries.incrementAndGet() > 2);

        assertThat(tries).as("once it has, never again").hasValue(3);
    }

    private static Taker execution(String name) {
        return new Taker("PluginExecution", new ResourceID(name, "team"), name + "-uid");
    }

    private static Pod pod(String uid) {
        return new PodBuilder().withNewMetadata().withUid(uid).endMetadata().build();
    }
}
