package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.faults.FaultProxy.Fault;
import dev.corral.operator.faults.FaultProxy.Moment;
import dev.corral.operator.faults.Ranch.Run;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.render.ObjectNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Pods that wait, and controllers that die or come in twos: a pod runs one execution, and an execution runs once. */
class PoolFaultsIT extends OnRanch {
    private final Map<String, Integer> starts = new ConcurrentHashMap<>();
    private final Set<String> reported = ConcurrentHashMap.newKeySet();
    /** Launchers that have reported stay until it is open. */
    private volatile CountDownLatch leave = new CountDownLatch(0);

    @BeforeAll
    void watch() {
        ranch.node.before((pod, step) -> {
            if (step == SimulatedLauncher.Step.EVENTS) {
                starts.merge(pod.getMetadata().getUid(), 1, Integer::sum);
            }
            if (step == SimulatedLauncher.Step.SEALED) {
                reported.add(pod.getMetadata().getUid());
                stay();
            }
        });
    }

    /** They proved themselves before that, or behind nothing. */
    @Test
    void podsThatWaitedWhileAPolicyWasGoneRunNothing() {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 2);
        var old = uids(namespace);
        assertThat(old).hasSize(2);

        var deny = ranch.cluster
                .planter()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(namespace)
                .withName(ObjectNames.DEFAULT_DENY);
        var lost = deny.get().getMetadata().getUid();
        deny.delete();
        soon("another one")
                .until(() -> deny.get() != null
                        && !lost.equals(deny.get().getMetadata().getUid()));
        var run = ranch.start(namespace);

        endsWell(run);
        assertThat(old).doesNotContain(pod(run));
        soon("others in their place").until(() -> Collections.disjoint(old, uids(namespace)));
    }

    private List<String> uids(String namespace) {
        return ranch.cluster.admin().pods().inNamespace(namespace).list().getItems().stream()
                .map(pod -> pod.getMetadata().getUid())
                .toList();
    }

    @Test
    void twoLeadersAtOnceNeverRunTwoExecutionsInOnePod() {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 8);
        try (var second = ranch.anotherController()) {
            soon("the second leader is awake")
                    .until(() -> second.proxy().writes().stream().anyMatch(write -> write.in(namespace))
                            || ready(namespace) >= 8);
            var runs =
                    IntStream.range(0, 8).mapToObj(i -> ranch.start(namespace)).toList();
            runs.forEach(this::endsWell);
            assertThat(runs.stream().map(this::pod).distinct()).hasSize(8);
        }
    }

    /** A pod of a pool stays a moment after its run, and looks as if it waited. */
    @Test
    void aUsedPodIsGivenToNobodyWhoseExecutionIsDeletedAtItsEnd() {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 1);
        leave = new CountDownLatch(1);
        try {
            var run = ranch.start(namespace);
            soon("the end of " + run).until(() -> ranch.history.ended(run.uid()));
            ranch.delete(run);

            var next = ranch.start(namespace);

            endsWell(next);
            assertThat(pod(next)).isNotEqualTo(pod(run));
            soon("the used pod is deleted")
                    .until(() -> ranch.cluster.admin().pods().inNamespace(namespace).list().getItems().stream()
                            .noneMatch(pod -> pod(run).equals(pod.getMetadata().getUid())));
        } finally {
            leave.countDown();
        }
    }

    /** The one that knew is dead, and of the run that used the pod nothing is left. Nobody is served there twice, and nobody is lost. */
    @Test
    void whoIsGivenAUsedPodByANewControllerGivesItBack() {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 1);
        leave = new CountDownLatch(1);
        try {
            var run = ranch.start(namespace);
            soon("the claim").until(() -> claimed(run).isPresent());
            ranch.controller().close();
            var used = claimed(run).orElseThrow();
            soon("its launcher has reported").until(() -> reported.contains(used));
            ranch.delete(run);
            scale(namespace, 2);
            var next = List.of(ranch.start(namespace), ranch.start(namespace));

            ranch.restartController();

            soon("the used pod is claimed")
                    .until(() ->
                            next.stream().flatMap(one -> claimed(one).stream()).anyMatch(used::equals));
            leave.countDown();
            next.forEach(this::endsWell);
            assertThat(next).extracting(this::pod).doesNotContain(used);
        } finally {
            leave.countDown();
        }
    }

    /** Twenty in two and a half seconds are a surge: owners and Events wait, and come. */
    @Test
    void aSurgeLeavesNothingUndone() throws InterruptedException {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 20);
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            runs.add(ranch.start(namespace));
            TimeUnit.MILLISECONDS.sleep(125);
        }
        runs.forEach(this::warm);
        assertThat(runs.stream().map(this::pod).distinct()).hasSize(20);
        soon("an Event of each end")
                .until(() ->
                        ranch.cluster.admin().events().v1().events().inNamespace(namespace).list().getItems().stream()
                                .filter(event -> event.getReason().equals("HandlerReturned"))
                                .map(event -> event.getRegarding().getUid())
                                .collect(Collectors.toSet())
                                .containsAll(runs.stream().map(Run::uid).toList()));
    }

    private void stay() {
        try {
            leave.await();
        } catch (InterruptedException killed) {
            Thread.currentThread().interrupt();
        }
    }

    /** The claim, the end, its Event, and what follows: the run's pod changes hands, another one is made. */
    @TestFactory
    Stream<DynamicTest> theControllerIsHitAtEveryWriteOfAWarmRun() {
        return sweep(WARM.size(), (namespace, write, moment) -> {
            var struck = ranch.controller().proxy().arm(new Fault(namespace, write, moment));
            var run = ranch.start(namespace);
            System.out.println(moment + " " + struck.get(40, TimeUnit.SECONDS));
            if (moment != Moment.LOST) {
                ranch.restartController();
            }
            return run;
        });
    }

    /** The plugin's Event; then the proof of the pod that takes its place. Reports that it writes itself: {@link CrashSweepIT}. */
    @TestFactory
    Stream<DynamicTest> theGatewayIsHitAtEveryWriteOfAWarmRun() {
        return sweep(2, (namespace, write, moment) -> {
            var struck = ranch.gateway().proxy().arm(new Fault(namespace, write, moment));
            var run = ranch.start(namespace);
            System.out.println(moment + " " + struck.get(40, TimeUnit.SECONDS));
            if (moment != Moment.LOST) {
                ranch.restartGateway();
            }
            return run;
        });
    }

    private interface Hit {
        Run at(String namespace, int write, Moment moment) throws Exception;
    }

    private Stream<DynamicTest> sweep(int writes, Hit hit) {
        return IntStream.rangeClosed(1, writes)
                .boxed()
                .flatMap(write -> Arrays.stream(Moment.values())
                        .map(moment -> DynamicTest.dynamicTest(moment + " write " + write, () -> {
                            var namespace = ranch.cluster.newNamespace();
                            fill(namespace, 2);
                            warm(hit.at(namespace, write, moment));
                        })));
    }

    /** Whatever was hit: it started from the pool, once, and the pod is its own in the end. */
    private void warm(Run run) {
        endsWell(run);
        var end = ranch.history.latest(run.uid()).orElseThrow().getStatus();
        assertThat(end.start()).isEqualTo("Warm");
        ranch.history.isStraight(run.uid());
        soon("the pod belongs to the run")
                .until(() -> ranch.pods(run).stream()
                        .anyMatch(pod ->
                                pod.getMetadata().getName().equals(end.attempt().pod())));
    }

    /** What the controller persists of one warm run, refill included; a pool's status, every five seconds at most, comes besides. */
    private static final List<String> WARM = List.of(
            "PATCH pluginexecutions/status", // the claim
            "PATCH pluginexecutions/status", // the end
            "POST events",
            "PATCH pods", // it changes hands
            "POST pods"); // the next one: a bare pod's own write

    /** Five more than a bare pod, the plugin's own Event aside, and a bounded number of looks. */
    @Test
    void aWarmRunAddsFiveWritesWithItsRefill() {
        var namespace = ranch.cluster.newNamespace();
        fill(namespace, 2);
        warm(ranch.start(namespace));
        settled(namespace);
        var before = writes(namespace);
        var looks = ranch.controller().looks("PluginExecution");

        warm(ranch.start(namespace));
        settled(namespace);

        var controller = since(before.controller(), writes(namespace).controller());
        var gateway = since(before.gateway(), writes(namespace).gateway());
        var looked = ranch.controller().looks("PluginExecution") - looks;
        System.out.println("a warm run: " + controller + ", " + gateway + ", looks " + looked);
        assertThat(controller.stream().filter(write -> !write.contains("pluginpools")))
                .containsExactlyInAnyOrderElementsOf(WARM);
        assertThat(controller.stream().filter(write -> write.contains("pluginpools")))
                .hasSizeLessThanOrEqualTo(3);
        assertThat(gateway)
                .as("the report comes with the controller's end")
                .containsExactlyInAnyOrder("POST events", "PATCH pods/status");
        assertThat(looked).as("looks at executions").isLessThanOrEqualTo(LOOKS);
    }

    /** Made, reported, ended; the pod that changed hands, ran out and is seen in between. */
    private static final int LOOKS = 6;

    private record Written(List<String> controller, List<String> gateway) {}

    private Written writes(String namespace) {
        return new Written(
                persisted(ranch.controller().proxy(), namespace),
                persisted(ranch.gateway().proxy(), namespace));
    }

    private static List<String> persisted(FaultProxy proxy, String namespace) {
        return proxy.writes().stream()
                .filter(write -> write.persisted() && write.in(namespace))
                .map(PoolFaultsIT::kind)
                .toList();
    }

    /** The method and the resource, without names. */
    private static String kind(FaultProxy.Write write) {
        var steps = write.path()
                .replaceFirst("[?].*", "")
                .replaceFirst(".*/namespaces/[^/]*/", "")
                .split("/");
        return write.method() + " " + steps[0] + (steps.length > 2 ? "/" + steps[2] : "");
    }

    private static List<String> since(List<String> before, List<String> now) {
        return now.subList(before.size(), now.size());
    }

    /** The pool is full again and has said so; everybody has written what there was to write. */
    private void settled(String namespace) {
        soon("a full pool").until(() -> ready(namespace) >= 2 && waiting(namespace) >= 2);
        soon("nothing more").until(() -> {
            var one = writes(namespace);
            TimeUnit.SECONDS.sleep(2);
            return one.equals(writes(namespace));
        });
    }

    private long waiting(String namespace) {
        return ranch.cluster.admin().pods().inNamespace(namespace).list().getItems().stream()
                .filter(pod -> pod.getMetadata()
                        .getOwnerReferences()
                        .getFirst()
                        .getKind()
                        .equals("PluginPool"))
                .filter(pod -> PodReader.read(Optional.of(pod)) instanceof Ready)
                .count();
    }

    private void endsWell(Run run) {
        soon("the end of " + run).until(() -> ranch.history.ended(run.uid()));
        var end = ranch.history.latest(run.uid()).orElseThrow();
        assertThat(History.outcome(end)).as(String.valueOf(end.getStatus())).contains("True HandlerReturned");
        assertThat(starts.get(pod(run))).as("starts in its pod").isEqualTo(1);
    }

    private String pod(Run run) {
        return claimed(run).orElseThrow();
    }

    /** The uid of the pod it claims. */
    private Optional<String> claimed(Run run) {
        return ranch.history
                .latest(run.uid())
                .map(PluginExecution::getStatus)
                .map(PluginExecutionStatus::attempt)
                .map(Attempt::podUID);
    }

    private void fill(String namespace, int replicas) {
        ranch.cluster
                .admin()
                .resource(Installed.read("pool.yaml", PluginPool.class))
                .inNamespace(namespace)
                .create();
        scale(namespace, replicas);
        soon("a full pool").until(() -> ready(namespace) >= replicas);
    }

    private void scale(String namespace, int replicas) {
        ranch.cluster
                .admin()
                .resources(PluginPool.class)
                .inNamespace(namespace)
                .withName("checks")
                .scale(replicas);
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
