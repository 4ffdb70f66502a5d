package dev.corral.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.faults.FaultProxy.Fault;
import dev.corral.operator.faults.FaultProxy.Moment;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * One run, and at every write of either process that process dies before it, dies after it, or never hears the answer. Whatever was
 * hit: one claim, one start, one end, nothing lost.
 */
class CrashSweepIT extends OnRanch {
    /** The number of the write that makes the pod, in a fresh namespace. */
    private static final int POD = 4;

    /**
     * The first run of a namespace, and one that finds everything there. A bare pod's own is one of the controller's (its creation), the
     * plugin's Event is one of the gateway's: what is left is what Corral adds, six at most.
     */
    @Test
    void aRunAddsSixWritesAtMost() {
        var namespace = ranch.cluster.newNamespace();
        var first = RunWrites.measured(ranch, namespace);
        var next = RunWrites.fewest(ranch, () -> namespace);
        System.out.println("persisted writes of a run: first of its namespace " + first + ", then " + next);
        assertThat(first.isWithin(new RunWrites(9, 3))).as(first.toString()).isTrue();
        assertThat(next.isWithin(new RunWrites(5, 3))).as(next.toString()).isTrue();
        assertThat(next.added()).isLessThanOrEqualTo(6);
    }

    @TestFactory
    Stream<DynamicTest> theControllerIsHitAtEveryWrite() {
        ranch.node.longRuns(false);
        return sweep(RunWrites::controller, this::hitController);
    }

    @TestFactory
    Stream<DynamicTest> theGatewayIsHitAtEveryWrite() {
        ranch.node.longRuns(true);
        return sweep(RunWrites::gateway, this::hitGateway);
    }

    /** The clock that ends a pod which never starts began with the write that the crash swallowed. */
    @Test
    void aPodThatNeverStartsEndsInTimeAlsoAfterACrash() throws Exception {
        var namespace = ranch.cluster.newNamespace();
        ranch.node.before((pod, step) -> {
            if (pod.getMetadata().getNamespace().equals(namespace)) {
                throw new SimulatedLauncher.Hung();
            }
        });
        var struck = ranch.controller().proxy().arm(new Fault(namespace, POD, Moment.AFTER));
        var run = ranch.start(namespace);
        struck.get(40, TimeUnit.SECONDS);
        ranch.restartController(Duration.ofSeconds(2));
        ranch.endsUnrun(run, "False StartTimedOut");
        ranch.restartController();
    }

    private interface Scenario {
        void run(String namespace, int write, Moment moment) throws Exception;
    }

    private Stream<DynamicTest> sweep(Function<RunWrites, Integer> process, Scenario scenario) {
        var writes = process.apply(RunWrites.fewest(ranch, ranch.cluster::newNamespace));
        return IntStream.rangeClosed(1, writes)
                .boxed()
                .flatMap(write -> Arrays.stream(Moment.values())
                        .map(moment -> DynamicTest.dynamicTest(
                                moment + " write " + write,
                                () -> scenario.run(ranch.cluster.newNamespace(), write, moment))));
    }

    private void hitController(String namespace, int write, Moment moment) throws Exception {
        var struck = ranch.controller().proxy().arm(new Fault(namespace, write, moment));
        var run = ranch.start(namespace);
        System.out.println(moment + " " + struck.get(40, TimeUnit.SECONDS));
        if (moment != Moment.LOST) {
            ranch.restartController();
        }
        ranch.endsWell(run);
    }

    private void hitGateway(String namespace, int write, Moment moment) throws Exception {
        var struck = ranch.gateway().proxy().arm(new Fault(namespace, write, moment));
        var run = ranch.start(namespace);
        System.out.println(moment + " " + struck.get(40, TimeUnit.SECONDS));
        if (moment != Moment.LOST) {
            ranch.restartGateway();
        }
        ranch.endsWell(run);
    }
}
