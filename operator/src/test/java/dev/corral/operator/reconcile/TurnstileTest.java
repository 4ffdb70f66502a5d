package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.operator.decide.Bounds;
import dev.corral.operator.decide.Snapshot;
import dev.corral.operator.decide.Surroundings;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.queue.Place;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a controller lets through that knows nothing but its caches. */
class TurnstileTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    private static final String CLAIMED = "attempt: {number: 1, pod: p, podUID: u, session: s}";

    private final List<PluginExecution> live = new ArrayList<>();
    private final Set<String> gone = new HashSet<>();
    private final Map<String, Pod> pods = new HashMap<>();
    private List<ClusterPluginPolicy> policies = List.of(policy(1, "concurrency: {running: 2}"));
    private String asked = "";
    private int schema = 1;
    private long generation = 1;

    private static ClusterPluginPolicy policy(int generation, String bound) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: ClusterPluginPolicy
                metadata: {name: base, uid: base-uid, generation: %d}
                spec: {%s}
                """.formatted(generation, bound), ClusterPluginPolicy.class);
    }

    /** Created so many seconds before now, with this much of a status. */
    private static PluginExecution execution(String name, int age, String status) {
        return Serialization.unmarshal(
                """
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: %1$s, namespace: team-a, uid: uid-%1$s, creationTimestamp: "%2$s"}
                spec: {plugin: {name: hello}, handler: greet}
                status: {startTime: "%3$s", %4$s}
                """.formatted(name, NOW.minusSeconds(age), NOW.minusSeconds(age).plusMillis(300), status),
                PluginExecution.class);
    }

    private FoundPlugin hello() {
        Plugin plugin = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: Plugin
                metadata: {name: hello, namespace: team-a}
                spec:
                  image: corral.local/plugin@sha256:%s
                  permissions: {%s}
                  handlers: [{name: greet, command: [/bin/greet], output: {description: %s}}]
                """.formatted("b".repeat(64), asked, "x".repeat(schema)), Plugin.class);
        return new FoundPlugin(
                "Plugin", "hello", "plugin-uid", generation, Slim.of(plugin).getSpec());
    }

    private Snapshot world(PluginExecution execution) {
        Snapshot bare = bare(execution);
        return Optional.ofNullable(pods.get(execution.getMetadata().getName()))
                .map(bare::with)
                .orElse(bare);
    }

    private Snapshot bare(PluginExecution execution) {
        return Snapshot.bare(
                execution,
                new Surroundings(
                        Optional.of(hello()),
                        Map.of(),
                        policies,
                        List.of(),
                        Set.of(),
                        true,
                        new Installation(
                                "corral-system",
                                "launcher",
                                LauncherDelivery.ImageVolume,
                                "10.0.0.1",
                                "ca",
                                "test",
                                "")));
    }

    /** As after a restart: it has seen nothing yet. */
    private Turnstile fresh() {
        Turnstile turnstile = new Turnstile(() -> NOW);
        turnstile.sees(new Turnstile.Sight(
                (id, uid) -> !gone.contains(uid),
                () -> Bounds.fingerprint(policies, List.of()),
                () -> List.copyOf(live).stream(),
                this::world));
        return turnstile;
    }

    private Optional<Place> asks(Turnstile turnstile, PluginExecution execution) {
        Snapshot world = world(execution);
        return turnstile.place(world, Optional.of(Bounds.ticket(world, true, NOW)));
    }

    private PluginExecution lives(PluginExecution execution) {
        live.add(execution);
        return execution;
    }

    private static void end(Turnstile turnstile, PluginExecution execution) {
        turnstile.wrote(
                execution,
                execution("end", 0, "conditions: [{type: Succeeded, status: 'True'}]")
                        .getStatus());
    }

    @Test
    void whoRunsIsCountedBeforeTheFirstIsLetIn() {
        PluginExecution one = lives(execution("one", 60, CLAIMED));
        lives(execution("two", 50, CLAIMED));
        PluginExecution three = lives(execution("three", 40, ""));
        Turnstile turnstile = fresh();

        assertThat(asks(turnstile, three))
                .hasValueSatisfying(place -> assertThat(place)
                        .isInstanceOfSatisfying(
                                Place.Waits.class,
                                waits -> assertThat(waits.position()).isEqualTo(1)));
        end(turnstile, one);
        assertThat(asks(turnstile, three)).contains(new Place.Turn());
    }

    @Test
    void thePolicyOfACapabilityBoundsWhoeverRequiresIt() {
        policies = List.of(policy(1, "capability: browser, concurrency: {running: 1}"));
        lives(execution("one", 60, CLAIMED));
        PluginExecution two = lives(execution("two", 50, ""));

        asked = "env: [LANG]";
        assertThat(asks(fresh(), two)).as("requires none").contains(new Place.Turn());
        asked = "capabilities: [browser]";
        waits(asks(fresh(), two));
    }

    @Test
    void anExecutionThatLeavesTheCapabilityOutIsNotBound() {
        policies = List.of(policy(1, "capability: browser, concurrency: {running: 0}"));
        asked = "capabilities: [browser]";
        PluginExecution without = lives(execution("without", 60, ""));
        without.setSpec(Serialization.unmarshal("""
                plugin: {name: hello}
                handler: greet
                permissions: {capabilities: []}
                """, PluginExecutionSpec.class));

        assertThat(asks(fresh(), without)).contains(new Place.Turn());
    }

    /** The caches have little of it, and after a restart everybody is counted from them. */
    @Test
    void theCapabilityOfALargePluginIsCountedToo() {
        policies = List.of(policy(1, "capability: browser, concurrency: {running: 1}"));
        asked = "capabilities: [browser]";
        schema = 20_000;
        lives(execution("one", 60, CLAIMED));
        PluginExecution two = lives(execution("two", 50, "queue: {position: 1, reason: ConcurrencyLimit}"));

        waits(asks(fresh(), two));
    }

    @Test
    void whoRunsIsCountedByWhatItWasGivenWhereItsPluginHasChangedSince() {
        policies = List.of(policy(1, "capability: browser, concurrency: {running: 1}"));
        asked = "capabilities: [browser]";
        generation = 2;
        String decided =
                "plugin: {kind: Plugin, name: hello, uid: plugin-uid, generation: 1, image: corral.local/plugin}";
        lives(execution("one", 60, CLAIMED + ", " + decided));
        pods.put("one", Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: p
                  namespace: team-a
                  uid: u
                  annotations: {corral.dev/given: '{permissions: {capabilities: [browser]}, cidrs: [], services: []}'}
                """, Pod.class));
        PluginExecution two = lives(execution("two", 50, ""));

        waits(asks(fresh(), two));
    }

    private static void waits(Optional<Place> place) {
        assertThat(place).hasValueSatisfying(found -> assertThat(found).isInstanceOf(Place.Waits.class));
    }

    @Test
    void aRestartLosesNobodysPlace() {
        PluginExecution one = lives(execution("one", 60, CLAIMED));
        PluginExecution two = lives(execution("two", 50, CLAIMED));
        List<PluginExecution> line = IntStream.range(0, 4)
                .mapToObj(i -> lives(execution(
                        "waits-" + i, 40 - i, "queue: {position: " + (i + 1) + ", reason: ConcurrencyLimit}")))
                .toList();
        Turnstile turnstile = fresh();

        // whoever is looked at first after the restart, and a newcomer before all of them
        assertThat(position(turnstile, execution("new", 0, ""))).isEqualTo(5);
        for (int i = 3; i >= 0; i--) {
            assertThat(position(turnstile, line.get(i))).isEqualTo(i + 1);
        }
        end(turnstile, one);
        end(turnstile, two);
        assertThat(asks(turnstile, line.get(2)))
                .hasValueSatisfying(place -> assertThat(place).isInstanceOf(Place.Waits.class));
        assertThat(asks(turnstile, line.get(1))).contains(new Place.Turn());
        assertThat(asks(turnstile, line.get(0))).contains(new Place.Turn());
    }

    /** It was let in by a controller that died before it made the pod, and while the others were told that they wait. */
    @Test
    void whoHadItsTurnAndNoPodYetIsNotOvertakenByThoseOfItsSecond() {
        lives(execution("one", 60, CLAIMED));
        PluginExecution untold = lives(execution("untold", 40, ""));
        untold.setStatus(null);
        PluginExecution told = lives(execution("told", 40, "queue: {position: 1, reason: ConcurrencyLimit}"));
        Turnstile turnstile = fresh();

        assertThat(position(turnstile, told)).isEqualTo(1);
        assertThat(asks(turnstile, untold)).contains(new Place.Turn());
    }

    @Test
    void whoCannotBeReadKeepsNobodyFromBeingCounted() {
        lives(execution("one", 60, CLAIMED)).setSpec(null);
        lives(execution("two", 50, CLAIMED));
        PluginExecution unreadable = lives(execution("unreadable", 45, ""));
        unreadable.setSpec(null);
        unreadable.setStatus(null);

        assertThat(asks(fresh(), lives(execution("three", 40, "")))).contains(new Place.Turn());
    }

    @Test
    void whoWasCountedAndWantsNoTurnLeavesItToTheNext() {
        lives(execution("one", 60, CLAIMED));
        PluginExecution untold = lives(execution("untold", 40, ""));
        untold.setStatus(null);
        PluginExecution told = lives(execution("told", 40, "queue: {position: 1, reason: ConcurrencyLimit}"));
        Turnstile turnstile = fresh();
        assertThat(position(turnstile, told)).isEqualTo(1);

        assertThat(turnstile.place(world(untold), Optional.empty())).isEmpty();

        assertThat(asks(turnstile, told)).contains(new Place.Turn());
    }

    private int position(Turnstile turnstile, PluginExecution execution) {
        return asks(turnstile, execution)
                .map(place -> place instanceof Place.Waits(int position, var gate) ? position : 0)
                .orElse(0);
    }

    @Test
    void ofManyWhoAskAtOnceNoMoreAreLetInThanMayRun() throws InterruptedException, ExecutionException {
        Turnstile turnstile = fresh();
        List<Callable<Optional<Place>>> asking = IntStream.range(0, 40)
                .<Callable<Optional<Place>>>mapToObj(i -> () -> asks(turnstile, execution("run-" + i, 10, "")))
                .toList();
        int turns = 0;
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (Future<Optional<Place>> place : threads.invokeAll(asking)) {
                turns += place.get().filter(Place.Turn.class::isInstance).isPresent() ? 1 : 0;
            }
        }
        assertThat(turns).isEqualTo(2);
        assertThat(turnstile.waiting()).isEqualTo(38);
    }

    @Test
    void aLoweredBoundEndsNobodyAndLetsNobodyIn() {
        PluginExecution one = lives(execution("one", 60, ""));
        PluginExecution two = lives(execution("two", 50, ""));
        Turnstile turnstile = fresh();
        assertThat(asks(turnstile, one)).contains(new Place.Turn());
        assertThat(asks(turnstile, two)).contains(new Place.Turn());
        policies = List.of(policy(2, "concurrency: {running: 1}"));

        assertThat(asks(turnstile, two)).contains(new Place.Turn());
        PluginExecution three = lives(execution("three", 40, ""));
        assertThat(position(turnstile, three)).isEqualTo(1);
        end(turnstile, one);
        assertThat(position(turnstile, three)).isEqualTo(1);
        end(turnstile, two);
        assertThat(asks(turnstile, three)).contains(new Place.Turn());
    }

    /** The watch told of its deletion before its look came here. */
    @Test
    void oneThatIsDeletedWhileItIsLookedAtHoldsNoPlace() {
        Turnstile turnstile = fresh();
        PluginExecution one = execution("one", 60, "");
        turnstile.onResourceDeleted(one);
        gone.add(one.getMetadata().getUid());

        asks(turnstile, one);
        asks(turnstile, execution("two", 50, ""));

        assertThat(asks(turnstile, execution("three", 40, ""))).contains(new Place.Turn());
    }

    @Test
    void oneThatIsDeletedWhileAQuotaRefusesItsPodDoesNotWait() {
        Turnstile turnstile = fresh();
        PluginExecution one = execution("one", 60, "");
        asks(turnstile, one);
        gone.add(one.getMetadata().getUid());

        turnstile.refused(world(one), "exceeded quota: pods");

        assertThat(turnstile.waiting()).isZero();
    }

    /** It is looked at no more, and a finalizer may keep it for as long as somebody likes. */
    @Test
    void oneThatIsBeingDeletedLeavesItsPlaceToTheNext() {
        PluginExecution one = lives(execution("one", 60, CLAIMED));
        lives(execution("two", 50, CLAIMED));
        PluginExecution three = lives(execution("three", 40, ""));
        Turnstile turnstile = fresh();
        assertThat(position(turnstile, three)).isEqualTo(1);
        PluginExecution marked = execution("one", 60, CLAIMED);
        marked.getMetadata().setDeletionTimestamp(NOW.toString());
        live.set(0, marked);

        turnstile.onResourceUpdated(marked, one);

        assertThat(asks(turnstile, three)).contains(new Place.Turn());
        policies = List.of(policy(2, "concurrency: {running: 2}"));
        assertThat(asks(turnstile, three)).as("counted anew").contains(new Place.Turn());
        assertThat(position(turnstile, execution("four", 30, ""))).isEqualTo(1);
    }

    /** Nobody looks at them any more, so nobody would ever take them out again. */
    @Test
    void whoIsBeingDeletedIsNotPutInLineByACountOrByTheLookThatWasUnderWay() {
        PluginExecution untold = lives(execution("untold", 60, ""));
        untold.setStatus(null);
        untold.getMetadata().setDeletionTimestamp(NOW.toString());
        lives(execution("waiting", 60, "queue: {position: 1}")).getMetadata().setDeletionTimestamp(NOW.toString());
        Turnstile turnstile = fresh();

        assertThat(asks(turnstile, execution("one", 50, ""))).contains(new Place.Turn());
        assertThat(asks(turnstile, execution("two", 40, ""))).contains(new Place.Turn());
        assertThat(turnstile.waiting()).isZero();
    }

    @Test
    void whoIsSuspendedIsNotPutInLine() {
        PluginExecution suspended = execution("suspended", 60, "");
        suspended.setSpec(Serialization.unmarshal(
                "# yaml\n{plugin: {name: hello}, handler: greet, suspend: true}", PluginExecutionSpec.class));
        suspended.setStatus(null);
        lives(suspended);
        Turnstile turnstile = fresh();

        assertThat(asks(turnstile, execution("one", 50, ""))).contains(new Place.Turn());
        assertThat(asks(turnstile, execution("two", 40, ""))).contains(new Place.Turn());
    }

    /** A list that was made again shows another one of the name as a change of the first. */
    @Test
    void oneThatAnotherOfItsNameReplacedLeaves() {
        PluginExecution one = lives(execution("one", 60, CLAIMED));
        lives(execution("two", 50, CLAIMED));
        PluginExecution three = lives(execution("three", 40, ""));
        Turnstile turnstile = fresh();
        assertThat(position(turnstile, three)).isEqualTo(1);
        PluginExecution another = execution("one", 0, "");
        another.getMetadata().setUid("another");

        turnstile.onResourceUpdated(another, one);

        assertThat(asks(turnstile, three)).contains(new Place.Turn());
    }

    @Test
    void aCountThatFailsIsMadeAgain() {
        lives(execution("one", 60, CLAIMED));
        lives(execution("two", 50, CLAIMED));
        PluginExecution three = lives(execution("three", 40, ""));
        PluginExecution broken = lives(execution("broken", 30, ""));
        broken.getMetadata().setUid(null);
        Turnstile turnstile = fresh();
        assertThatThrownBy(() -> asks(turnstile, three)).isInstanceOf(NullPointerException.class);
        live.remove(broken);

        assertThat(position(turnstile, three)).isEqualTo(1);
    }

    @Test
    void whereNoPolicyBoundsAnythingNobodyIsCounted() {
        policies = List.of(policy(1, "grants: {env: [\"*\"]}"));
        Turnstile turnstile = new Turnstile(() -> NOW);
        turnstile.sees(new Turnstile.Sight(
                (id, uid) -> {
                    throw new AssertionError("nobody is looked for");
                },
                () -> {
                    throw new AssertionError("policies are not read");
                },
                () -> {
                    throw new AssertionError("executions are not read");
                },
                execution -> {
                    throw new AssertionError("nothing is gathered");
                }));

        PluginExecution free = execution("free", 1, CLAIMED);
        assertThat(turnstile.place(world(free), Optional.empty())).isEmpty();
        end(turnstile, free);
        turnstile.created(world(free));
        assertThat(turnstile.waiting()).isZero();
    }
}
