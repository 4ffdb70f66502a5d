package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.faults.FaultProxy.Fault;
import dev.corral.operator.faults.FaultProxy.Moment;
import dev.corral.operator.faults.Ranch.Run;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Pods that wait, and controllers that die or come in twos: a pod runs one execution, and an execution runs once. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoolFaultsIT {
    @TempDir
    static Path store;

    private Ranch ranch;
    private final Map<String, Integer> starts = new ConcurrentHashMap<>();

    @BeforeAll
    void open() {
        ranch = new Ranch(store);
        ranch.node.before((pod, step) -> {
            if (step == SimulatedLauncher.Step.EVENTS) {
                starts.merge(pod.getMetadata().getUid(), 1, Integer::sum);
            }
        });
    }

    @AfterAll
    void close() {
        ranch.close();
    }

    @Test
    void twoLeadersAtOnceNeverRunTwoExecutionsInOnePod() {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 8);
        try (var second = ControllerProcess.start(ranch.cluster.proxy(Installed.CONTROLLER))) {
            soon("the second leader is awake")
                    .until(() -> second.proxy().writes().stream().anyMatch(write -> write.in(namespace))
                            || ready(namespace) >= 8);
            var runs =
                    IntStream.range(0, 8).mapToObj(i -> ranch.start(namespace)).toList();
            runs.forEach(this::endsWell);
            assertThat(runs.stream().map(this::pod).distinct()).hasSize(8);
        }
    }

    /** The claim, the Event, the end, and what follows. */
    @TestFactory
    Stream<DynamicTest> theControllerIsHitAtEveryWriteOfAWarmRun() {
        return IntStream.rangeClosed(1, 4)
                .boxed()
                .flatMap(write -> Arrays.stream(Moment.values())
                        .map(moment -> DynamicTest.dynamicTest(moment + " write " + write, () -> hit(write, moment))));
    }

    private void hit(int write, Moment moment) throws Exception {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 2);
        var struck = ranch.controller().proxy().arm(new Fault(namespace, write, moment));
        var run = ranch.start(namespace);
        System.out.println(moment + " " + struck.get(40, TimeUnit.SECONDS));
        if (moment != Moment.LOST) {
            ranch.restartController();
        }
        endsWell(run);
        var end = ranch.history.latest(run.uid()).orElseThrow();
        soon("the pod belongs to the run")
                .until(() -> ranch.pods(run).stream()
                        .anyMatch(pod -> pod.getMetadata()
                                .getName()
                                .equals(end.getStatus().attempt().pod())));
    }

    private void endsWell(Run run) {
        soon("the end of " + run).until(() -> ranch.history.ended(run.uid()));
        var end = ranch.history.latest(run.uid()).orElseThrow();
        assertThat(History.outcome(end)).as(String.valueOf(end.getStatus())).contains("True HandlerReturned");
        assertThat(starts.get(pod(run))).as("starts in its pod").isEqualTo(1);
    }

    private String pod(Run run) {
        return String.valueOf(ranch.history
                .latest(run.uid())
                .orElseThrow()
                .getStatus()
                .attempt()
                .podUID());
    }

    private void fill(String namespace, int replicas) {
        ranch.cluster
                .admin()
                .resource(Installed.read("pool.yaml", PluginPool.class))
                .inNamespace(namespace)
                .create();
        ranch.cluster
                .admin()
                .resources(PluginPool.class)
                .inNamespace(namespace)
                .withName("checks")
                .scale(replicas);
        soon("a full pool").until(() -> ready(namespace) >= replicas);
    }

    private int ready(String namespace) {
        var pool = ranch.cluster
                .admin()
                .resources(PluginPool.class)
                .inNamespace(namespace)
                .withName("checks")
                .get();
        return pool == null || pool.getStatus() == null
                ? 0
                : Objects.requireNonNullElse(pool.getStatus().ready(), 0);
    }
}
