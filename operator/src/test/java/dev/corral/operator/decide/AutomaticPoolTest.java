package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PoolShare;
import dev.corral.operator.observe.SlimPod;
import dev.corral.operator.policy.AlwaysExcepted;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A pool that names no plugin keeps what ran lately, within its budget. */
class AutomaticPoolTest {
    private static final Instant NOW = Instant.parse("2026-11-28T14:00:00Z");

    private final PoolDecider decider = new PoolDecider(AlwaysExcepted.with(List.of()));
    private final List<PluginExecution> executions = new ArrayList<>();
    private final List<Pod> pods = new ArrayList<>();
    /** What each plugin asks for: two that ask for the same are of one class. */
    private final Map<String, String> memories =
            Map.of("small", "32Mi", "large", "64Mi", "twin", "64Mi", "other", "48Mi", "broken", "much");

    private Set<String> claimed = Set.of();
    private int budget = 20;
    private static final int REPLICAS = 8;

    @Test
    void nothingRanNothingWaits() {
        var decision = decide();
        assertThat(decision.lay()).isEmpty();
        assertThat(decision.status().orElseThrow().shares()).isEmpty();
        assertThat(message(decision)).isEqualTo("0 wanted for what ran in the last 10m, as many wait");
        assertThat(decision.lookAgain()).as("but it looks").isLessThanOrEqualTo(Duration.ofSeconds(10));
    }

    /** Without a selector an autoscaler does nothing (InvalidSelector), and one that names classes would be empty at first. */
    @Test
    void anAutoscalerFindsItsPods() {
        assertThat(decide().status().orElseThrow().selector()).isEqualTo("corral.dev/plugin-pod=true");
        ran("small", 30);
        ran("large", 10);
        fill();
        assertThat(decide().status().orElseThrow().selector()).isEqualTo("corral.dev/plugin-pod=true");
        assertThat(pods)
                .hasSize(8)
                .allSatisfy(pod ->
                        assertThat(pod.getMetadata().getLabels()).containsEntry("corral.dev/plugin-pod", "true"));
    }

    @Test
    void whatRanMoreHasMorePodsAndNothingMoreThanItRan() {
        ran("small", 30);
        ran("large", 10);
        assertThat(wanted()).isEqualTo(Map.of("small", 6, "large", 2));
        ran("twin", 20);
        assertThat(wanted()).as("large and twin are of one class").isEqualTo(Map.of("twin", 4, "small", 4));
        executions.clear();
        ran("small", 1);
        ran("large", 2);
        assertThat(wanted()).as("room is left").isEqualTo(Map.of("large", 2, "small", 1));
        executions.clear();
        ran("small", 100);
        ran("large", 1);
        assertThat(wanted()).as("once in a hundred").isEqualTo(Map.of("small", 8));
    }

    @Test
    void podsOfEachClassAreMadeAndReadyOnesCount() {
        ran("small", 30);
        ran("large", 10);
        fill();
        assertThat(pods).hasSize(8);
        assertThat(pods.stream()
                        .collect(Collectors.groupingBy(AutomaticPoolTest::memory, Collectors.counting()))
                        .values())
                .containsExactlyInAnyOrder(6L, 2L);
        var decision = decide();
        assertThat(decision.lay()).isEmpty();
        assertThat(decision.clear()).isEmpty();
        assertThat(decision.status().orElseThrow().ready()).isEqualTo(8);
        assertThat(decision.status().orElseThrow().shares())
                .extracting(PoolShare::ready)
                .containsExactly(6, 2);
        assertThat(message(decision)).isEqualTo("8 wanted for what ran in the last 10m, as many wait");
    }

    @Test
    void theClassesShareWhatMayBeMadeNow() {
        ran("small", 30);
        ran("large", 30);
        budget = 5;
        assertThat(PoolWorld.created(decide()).stream()
                        .collect(Collectors.groupingBy(AutomaticPoolTest::memory, Collectors.counting()))
                        .values())
                .containsExactlyInAnyOrder(4L, 1L);
    }

    @Test
    void aPlaceThatIsNeededOnceIsMadeOnce() {
        ran("small", 30);
        ran("large", 30);
        fill();
        executions.clear();
        ran("small", 2);
        ran("large", 2);
        ran("other", 1);
        assertThat(decide().clear())
                .as("small and large have two too many each, one makes place")
                .hasSize(1);
    }

    @Test
    void podsStayUntilOthersNeedTheirPlaceAndTheBudgetHolds() {
        ran("small", 30);
        fill();
        assertThat(pods).hasSize(8);
        executions.clear();
        ran("small", 3);
        assertThat(decide().clear()).as("nobody needs the place of five").isEmpty();
        ran("large", 3);
        var decision = decide();
        assertThat(decision.clear()).as("three make place").hasSize(3);
        assertThat(PoolWorld.created(decision))
                .as("but not before they are gone")
                .isEmpty();
        pods.removeIf(pod -> decision.clear().stream()
                .anyMatch(gone -> gone.uid().equals(pod.getMetadata().getUid())));
        fill();
        assertThat(pods).hasSize(8);
        assertThat(decide().clear()).isEmpty();
    }

    /** Which runs more changes from look to look where they run about as often. */
    @Test
    void aPodGivesItsPlaceOnlyToWhatRanTwiceAsOften() {
        ran("small", 10);
        ran("large", 10);
        fill();
        ran("small", 4);
        assertThat(decide().clear()).as("five of eight, were there no pods yet").isEmpty();

        claimed = pods.stream()
                .filter(pod -> memory(pod).equals(memory(pods.getFirst())))
                .map(pod -> pod.getMetadata().getUid())
                .collect(Collectors.toSet());
        assertThat(decide().clear()).as("who takes pods leaves others theirs").isEmpty();
        claimed = Set.of();

        ran("small", 30);
        assertThat(decide().clear()).as("four times as often").isNotEmpty();
    }

    @Test
    void aNinthKindTakesTheirPodsFromNoneOfEightUntilItRanTwiceAsOften() {
        IntStream.rangeClosed(1, 8).forEach(kind -> ran("small", 10, "timeout: " + kind + "s"));
        fill();
        assertThat(pods).hasSize(8);
        ran("small", 15, "timeout: 9s");
        ran("small", 15, "timeout: 10s");
        assertThat(demands()).hasSize(8).extracting(Demand::runs).containsOnly(10);
        assertThat(decide().clear()).isEmpty();

        ran("small", 6, "timeout: 9s");
        assertThat(demands()).hasSize(8).extracting(Demand::runs).contains(21);
        assertThat(decide().clear()).as("one makes place").hasSize(1);
        pods.replaceAll(pod -> new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp(NOW.toString())
                .endMetadata()
                .build());
        assertThat(demands())
                .as("pods that go hold no place")
                .extracting(Demand::runs)
                .contains(21, 15);
    }

    @Test
    void whatNoLongerRunsGoesAndWhatIsClaimedIsLeftAlone() {
        ran("small", 2);
        fill();
        executions.clear();
        claimed = Set.of(pods.getFirst().getMetadata().getUid());
        assertThat(decide().clear())
                .extracting(Action.DeletePod::uid)
                .containsExactly(pods.getLast().getMetadata().getUid());
    }

    @Test
    void aPluginThatIsMissingOrRefusedCostsOthersNothing() {
        ran("small", 2);
        ran("gone", 50);
        ran("broken", 50);
        assertThat(wanted()).isEqualTo(Map.of("small", 2));
    }

    @Test
    void onlyWhatCanBePreparedIsDemand() {
        ran("small", 1);
        ran("small", 1, "secrets: [{name: token, keys: [a]}]");
        ran("small", 1, "files: [{path: a.txt, from: {configMap: {name: a, key: b}}}]");
        ran("small", 1, "mode: Plan");
        ran("small", 1, "mode: Learn");
        ran("small", 1, "input: {url: a}", "env: [{name: A, value: b}]", "priority: 3", "retry: {limit: 2}");
        assertThat(demands()).hasSize(1).first().extracting(Demand::runs).isEqualTo(2);
        ran("small", 1, "timeout: 5s");
        assertThat(demands()).as("what narrows itself is of another kind").hasSize(2);
    }

    @Test
    void tenMinutesCountAndTheEightMostFrequentKinds() {
        ran("small", 1);
        executions
                .getFirst()
                .getMetadata()
                .setCreationTimestamp(NOW.minusSeconds(601).toString());
        assertThat(demands()).isEmpty();
        IntStream.rangeClosed(1, 10).forEach(kind -> ran("small", kind, "timeout: " + kind + "s"));
        assertThat(demands()).extracting(Demand::runs).containsExactly(10, 9, 8, 7, 6, 5, 4, 3);
    }

    private List<Demand> demands() {
        return Demand.lately(
                executions.stream(),
                pods,
                reference -> Optional.ofNullable(memories.get(reference.name()))
                        .map(memory -> PoolWorld.plugin(reference.name(), memory)),
                NOW);
    }

    private void ran(String plugin, int times, String... more) {
        for (int i = 0; i < times; i++) {
            executions.add(Serialization.unmarshal(
                    """
                    apiVersion: corral.dev/v1alpha1
                    kind: PluginExecution
                    metadata: {name: a, namespace: team-a, creationTimestamp: "%s"}
                    spec: {plugin: {name: %s}, handler: main%s}
                    """.formatted(NOW.minusSeconds(60), plugin, more.length == 0 ? "" : ", " + String.join(", ", more)),
                    PluginExecution.class));
        }
    }

    private void fill() {
        PoolWorld.created(decide()).forEach(pod -> pods.add(PoolWorld.ready(pod, NOW)));
    }

    private static String memory(Pod pod) {
        return pod.getSpec()
                .getContainers()
                .getFirst()
                .getResources()
                .getLimits()
                .get("memory")
                .toString();
    }

    private Map<String, Integer> wanted() {
        return decide().status().orElseThrow().shares().stream()
                .collect(Collectors.toMap(share -> share.plugin().name(), PoolShare::wanted));
    }

    private static String message(PoolDecision decision) {
        return decision.status().orElseThrow().conditions().getFirst().message();
    }

    private PoolDecision decide() {
        var pool = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginPool
                metadata: {name: any, namespace: team-a, uid: pool-uid, generation: 1}
                spec: {replicas: %d}
                """.formatted(REPLICAS), PluginPool.class);
        return decider.decide(
                new PoolSnapshot(
                        pool,
                        PoolWorld.surroundings(
                                PoolWorld.plugin("any", "1Mi"),
                                List.of(PoolWorld.policy()),
                                PoolWorld.laid(StoryTest.INSTALLATION),
                                StoryTest.INSTALLATION),
                        demands(),
                        pods.stream().map(SlimPod::of).toList(), // as they are cached
                        claimed,
                        Map.of(),
                        budget,
                        false,
                        PoolWorld.nonces(budget, pods.size()),
                        Optional.empty(),
                        Optional.empty()),
                NOW);
    }
}
