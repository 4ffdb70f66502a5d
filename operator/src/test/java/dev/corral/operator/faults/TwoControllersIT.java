package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.faults.FaultProxy.Fault;
import dev.corral.operator.faults.FaultProxy.Moment;
import dev.corral.operator.faults.Ranch.Run;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Two controllers: one leads and dies at a write, the other takes over; and, since two leaders have been seen to coexist, both at once.
 * Every write only with {@code -Dcorral.full=true}; else the three that a double effect would come from.
 */
class TwoControllersIT extends OnRanch {
    private static final boolean FULL = Boolean.getBoolean("corral.full");
    /** Pod, claim, end. */
    private static final List<Integer> DECISIVE = List.of(4, 6, 8);

    @Test
    void twoLeadersAtOnceMakeOneClaimPerRun() {
        try (var second = ranch.anotherController()) {
            var namespace = ranch.cluster.newNamespace();
            var runs =
                    IntStream.range(0, 10).mapToObj(i -> ranch.start(namespace)).toList();
            runs.forEach(ranch::endsWell);
            assertThat(second.proxy().writes())
                    .as("the second leader was at it")
                    .isNotEmpty();
        }
    }

    /** One leader sees the pod become ready and not that the other has claimed it: only the version of its write tells. */
    @Test
    void aLeaderBlindForClaimsMakesNone() {
        try (var blind = ranch.anotherController()) {
            var namespace = ranch.cluster.newNamespace();
            var first = ranch.start(namespace);
            ranch.endsWell(first);
            soon("the second leader is awake")
                    .until(() -> !blind.proxy().writes().isEmpty());
            ranch.node.before((pod, step) -> {
                if (step == SimulatedLauncher.Step.READY) {
                    blind.proxy().hold(path -> path.contains("/pluginexecutions"));
                }
            });
            var runs =
                    IntStream.range(0, 5).mapToObj(i -> ranch.start(namespace)).toList();
            runs.forEach(ranch::endsWell);
            assertThat(blind.proxy().writes().stream()
                            .filter(write -> write.path().endsWith("/status"))
                            .filter(write -> write.code() == 409))
                    .as("it tried")
                    .isNotEmpty();
            blind.proxy().release();
            runs.forEach(run -> ranch.history.isStraight(run.uid()));
        } finally {
            ranch.node.before((pod, step) -> {});
        }
    }

    @TestFactory
    Stream<DynamicTest> theLeaderDiesAtAWriteAndTheOtherTakesOver() {
        var writes = FULL
                ? IntStream.rangeClosed(
                                1,
                                RunWrites.fewest(ranch, ranch.cluster::newNamespace)
                                        .controller())
                        .boxed()
                        .toList()
                : DECISIVE;
        return writes.stream()
                .flatMap(write -> Arrays.stream(Moment.values())
                        .filter(moment -> moment != Moment.LOST)
                        .map(moment -> DynamicTest.dynamicTest(
                                moment + " write " + write + (FULL ? "" : " (others with -Dcorral.full=true)"),
                                () -> takeOver(write, moment))));
    }

    private void takeOver(int write, Moment moment) throws Exception {
        var namespace = ranch.cluster.newNamespace();
        ranch.controller().close();
        var one = ranch.candidate("controller-a");
        soon("the first leads").until(() -> leader().equals("controller-a"));
        try (var two = ranch.candidate("controller-b")) {
            var struck = one.proxy().arm(new Fault(namespace, write, moment));
            Run run = ranch.start(namespace);
            struck.get(40, TimeUnit.SECONDS);
            one.close();
            soon("the second leads").until(() -> leader().equals("controller-b"));
            ranch.endsWell(run);
            assertThat(two.proxy()).isNotNull();
        } finally {
            one.close();
            ranch.restartController();
        }
    }

    @Test
    void whoWaitsForTheLeaseWatchesNothingAndHasItOnceTheLeaderGoes() {
        ranch.controller().close();
        try (var leads = ranch.candidate("controller-a")) {
            soon("the first leads").until(() -> leader().equals("controller-a"));
            try (var waits = ranch.candidate("controller-b")) {
                ranch.endsWell(ranch.start(ranch.cluster.newNamespace()));
                assertThat(leads.proxy().watches()).as("of the leader").isPositive();
                assertThat(waits.proxy().watches()).as("of the other").isZero();
                leads.resign();
                soon("the second leads").until(() -> leader().equals("controller-b"));
                ranch.endsWell(ranch.start(ranch.cluster.newNamespace()));
                assertThat(waits.proxy().watches()).isPositive();
            }
        } finally {
            ranch.restartController();
        }
    }

    private String leader() {
        var lease = ranch.cluster
                .admin()
                .leases()
                .inNamespace(Installed.NAMESPACE)
                .withName("corral-controller")
                .get();
        return lease == null ? "" : String.valueOf(lease.getSpec().getHolderIdentity());
    }
}
