package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginPoolStatus;
import dev.corral.operator.decide.Action.DeletePod;
import dev.corral.operator.observe.SlimPod;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.status.Kstatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PoolDeciderTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    private final PoolDecider decider = new PoolDecider(AlwaysExcepted.with(List.of()));
    private PluginPool pool = pool(3);
    private String memory = "64Mi";
    private Installation installation = StoryTest.INSTALLATION;
    private final List<Pod> pods = new ArrayList<>();
    private Set<String> claimed = Set.of();
    private int budget = 5;
    private boolean claimsRun;
    private Instant now = NOW;
    private Optional<Instant> written = Optional.empty();
    private List<ClusterPluginPolicy> policies = List.of(PoolWorld.policy());
    private Map<String, String> unmounted = Map.of();
    private Optional<String> refusal = Optional.empty();
    private Optional<Set<LaidPolicy>> laid = Optional.empty();

    @Test
    void anEmptyPoolIsFilledWithinItsBudgetDenyFirst() {
        budget = 2;
        laid = Optional.of(Set.of());
        var decision = decide();
        assertThat(decision.lay()).hasSize(5);
        assertThat(decision.lay().getFirst()).isInstanceOf(Action.ApplyNetworkPolicy.class);
        var made = PoolWorld.created(decision);
        assertThat(made).hasSize(2);
        assertThat(made).extracting(pod -> pod.getMetadata().getName()).doesNotHaveDuplicates();
        assertThat(made)
                .extracting(pod -> pod.getSpec().getSecurityContext().getRunAsUser())
                .doesNotHaveDuplicates();
        assertThat(made).allSatisfy(pod -> {
            assertThat(pod.getMetadata().getOwnerReferences().getFirst().getKind())
                    .isEqualTo("PluginPool");
            assertThat(pod.getMetadata().getAnnotations())
                    .containsEntry(OwnedLabels.POOL, "checks")
                    .doesNotContainKey(OwnedLabels.EXECUTION);
            assertThat(pod.getMetadata().getLabels().values()).doesNotContain("checks");
            var resources = pod.getSpec().getContainers().getFirst().getResources();
            assertThat(resources.getRequests().get("cpu")).hasToString("10m");
            assertThat(resources.getLimits().get("cpu")).hasToString("500m");
        });
        assertThat(decision.lookAgain()).isLessThan(Duration.ofSeconds(1));
        assertThat(status(decision).ready()).isZero();
        assertThat(reason(decision)).isEqualTo("PoolFilling");
    }

    @Test
    void aFullPoolIsLeftAloneAndSaysWhatItReserves() {
        fill(3);
        var decision = decide();
        assertThat(decision.lay()).isEmpty();
        assertThat(decision.clear()).isEmpty();
        assertThat(reason(decision)).isEqualTo("PoolFull");
        assertThat(status(decision).ready()).isEqualTo(3);
        assertThat(status(decision).reserved().cpu()).isEqualTo("30m");
        assertThat(status(decision).reserved().memory()).isEqualTo("264Mi");
        assertThat(status(decision).selector())
                .isEqualTo("corral.dev/sandbox-class=" + status(decision).sandboxClass());
    }

    /** Somebody deleted or opened a policy, and it was written anew: what waits proved itself behind something else. */
    @Test
    void podsOlderThanTheirNetworkPoliciesGo() {
        fill(3);
        laid = Optional.of(Set.of());
        var decision = decide();
        assertThat(decision.clear()).hasSize(3);
        assertThat(decision.lay().getFirst()).isInstanceOf(Action.ApplyNetworkPolicy.class);
        assertThat(PoolWorld.created(decision)).hasSize(3);

        laid = Optional.of(PoolWorld.laid(installation).stream()
                .map(policy -> policy.since(NOW.plusMillis(1)))
                .collect(Collectors.toSet()));
        assertThat(decide().clear()).as("written since").hasSize(3);
        pods.clear();
        now = NOW.plusMillis(1);
        PoolWorld.created(decide()).forEach(pod -> pods.add(PoolWorld.ready(pod, NOW)));
        assertThat(decide().clear()).isEmpty();

        laid = Optional.of(Set.of());
        policies = List.of(PoolWorld.policy("network"));
        pods.clear();
        PoolWorld.created(decide()).forEach(pod -> pods.add(PoolWorld.ready(pod, NOW)));
        assertThat(decide().clear()).as("tolerated").isEmpty();
    }

    @Test
    void aClaimedPodIsReplacedAndNeverTouched() {
        fill(3);
        claimed = Set.of(uid(0));
        var decision = decide();
        assertThat(PoolWorld.created(decision)).hasSize(1);
        assertThat(decision.clear()).isEmpty();
        assertThat(status(decision).claimed()).isEqualTo(1);
        memory = "65Mi";
        assertThat(decide().clear()).extracting(DeletePod::uid).containsExactlyInAnyOrder(uid(1), uid(2));
    }

    @Test
    void aChangedPluginOrLauncherDrainsThePool() {
        fill(3);
        memory = "65Mi";
        var decision = decide();
        assertThat(decision.clear()).hasSize(3);
        assertThat(PoolWorld.created(decision)).hasSize(3);
        memory = "64Mi";
        var old = installation;
        installation = new Installation(
                old.namespace(),
                "corral.local/launcher@sha256:" + "e".repeat(64),
                old.delivery(),
                old.gatewayAddress(),
                old.trustBundle(),
                old.version(),
                old.guard());
        assertThat(decide().clear()).hasSize(3);
        installation = new Installation(
                old.namespace(),
                old.launcherImage(),
                old.delivery(),
                old.gatewayAddress(),
                "another authority",
                old.version(),
                old.guard());
        assertThat(decide().clear()).as("what is trusted is part of a pod").hasSize(3);
        installation = new Installation(
                old.namespace(),
                old.launcherImage(),
                old.delivery(),
                old.gatewayAddress(),
                old.trustBundle(),
                old.version(),
                "another guard");
        assertThat(decide().clear())
                .as("what was there before the guard is not trusted")
                .hasSize(3);
    }

    @Test
    void withoutAGrantNothingWaits() {
        fill(3);
        policies = List.of();
        var decision = decide();
        assertThat(decision.clear()).hasSize(3);
        assertThat(decision.lay()).isEmpty();
        assertThat(reason(decision)).isEqualTo("Denied");
        assertThat(status(decision).sandboxClass()).isNull();
    }

    @Test
    void whoWaitsForAPoolIsToldWhenSomebodyMustChangeSomething() {
        assertThat(kstatus()).as("being filled").isEqualTo("InProgress");
        refusal = Optional.of("no room");
        assertThat(kstatus()).as("goes on by itself").isEqualTo("InProgress");
        refusal = Optional.empty();
        var granting = policies;
        policies = List.of();
        assertThat(kstatus()).as("denied").isEqualTo("Failed");
        policies = granting;
        fill(3);
        assertThat(kstatus()).isEqualTo("Current");
        pool.setSpec(null);
        assertThat(kstatus()).as("malformed").isEqualTo("Failed");
    }

    private String kstatus() {
        pool.setStatus(decide().status().orElse(pool.getStatus()));
        return Kstatus.of(pool);
    }

    @Test
    void anOldPodGoesOnceANewOneIsReady() {
        fill(3);
        now = NOW.plus(Duration.ofMinutes(61));
        var decision = decide();
        assertThat(PoolWorld.created(decision)).hasSize(3);
        assertThat(decision.clear()).isEmpty();
        PoolWorld.created(decision).forEach(pod -> pods.add(starting(pod)));
        assertThat(decide().clear()).as("the new ones only start").isEmpty();
        assertThat(decide().lookAgain()).as("not at once").isPositive();
        pods.set(1, PoolWorld.ready(pods.get(1), NOW.minusSeconds(1)));
        pods.set(3, PoolWorld.ready(pods.get(3), now));
        assertThat(decide().clear())
                .as("one for one, the oldest first")
                .extracting(DeletePod::uid)
                .containsExactly(uid(1));
        assertThat(PoolWorld.created(decide())).as("and none in its place").isEmpty();
        claimed = Set.of(uid(0));
        assertThat(decide().clear()).as("a claimed one is not ready any more").isEmpty();
        claimed = Set.of();
        pods.subList(3, 6).replaceAll(pod -> PoolWorld.ready(pod, now));
        assertThat(decide().clear()).extracting(DeletePod::uid).containsExactlyInAnyOrder(uid(0), uid(1), uid(2));
    }

    /** A quota for two pods more than the pool has. */
    @Test
    void oldPodsMakeRoomForTheNewOnesThatAQuotaRefuses() {
        fill(3);
        now = NOW.plus(Duration.ofMinutes(61));
        Set<String> old = Set.of(uid(0), uid(1), uid(2));
        for (int looks = 0; looks < 3; looks++) {
            budget = 5 - pods.size();
            List<Pod> made = PoolWorld.created(decide());
            for (Pod pod : made) {
                pods.add(new PodBuilder(PoolWorld.ready(pod, now))
                        .editMetadata()
                        .withUid("new-" + looks + "-" + pods.size())
                        .endMetadata()
                        .build());
            }
            List<String> gone = decide().clear().stream().map(DeletePod::uid).toList();
            assertThat(old).containsAll(gone);
            pods.removeIf(pod -> gone.contains(pod.getMetadata().getUid()));
            assertThat(pods).as("ready at all times").hasSizeGreaterThanOrEqualTo(3);
        }
        assertThat(pods)
                .extracting(pod -> pod.getMetadata().getUid())
                .hasSize(3)
                .doesNotContainAnyElementsOf(old);
        budget = 5;
        assertThat(decide().clear()).isEmpty();
        assertThat(PoolWorld.created(decide())).isEmpty();
    }

    @Test
    void itLooksAgainWhenTheNextPodIsTooOld() {
        fill(3);
        pool.setStatus(status(decide()));
        assertThat(decide().lookAgain()).as("nothing to do").isEqualTo(Duration.ofMinutes(1));
        now = NOW.plus(Duration.ofMinutes(59)).plusSeconds(20);
        assertThat(decide().lookAgain()).isEqualTo(Duration.ofSeconds(40));
    }

    @Test
    void maxAgeAndRefillAreThePoolsOwn() {
        assertThat(PoolDecider.refill(pool)).isEqualTo(5);
        pool = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginPool
                metadata: {name: checks, namespace: team-a, uid: pool-uid, generation: 1}
                spec: {plugin: {name: check}, handler: main, replicas: 3, maxAge: 5m, refillPerSecond: 7}
                """, PluginPool.class);
        assertThat(PoolDecider.refill(pool)).isEqualTo(7);
        fill(3);
        now = NOW.plus(Duration.ofMinutes(4));
        assertThat(PoolWorld.created(decide())).isEmpty();
        now = NOW.plus(Duration.ofMinutes(6));
        assertThat(PoolWorld.created(decide())).hasSize(3);
    }

    @Test
    void aPodThatIsRefusedIsToldAndNotTriedInTheSameLook() {
        refusal = Optional.of("exceeded quota: small");
        var decision = decide();
        assertThat(PoolWorld.created(decision)).isEmpty();
        assertThat(reason(decision)).isEqualTo("PoolFailing");
        assertThat(status(decision).conditions().getFirst().message())
                .isEqualTo("the pod was refused: exceeded quota: small");
    }

    @Test
    void tooManyGoTheOldestFirstButFirstWhatIsNotReady() {
        fill(3);
        pods.set(2, new PodBuilder(pods.get(2)).withStatus(null).build());
        pool = pool(1);
        assertThat(decide().clear()).extracting(DeletePod::uid).contains(uid(2)).hasSize(2);
    }

    @Test
    void whatNeverWorksIsTriedOnceAMinute() {
        fill(3);
        pods.replaceAll(pod -> ended(pod, NOW));
        var decision = decide();
        assertThat(decision.lay()).isEmpty();
        assertThat(decision.clear()).isEmpty();
        assertThat(reason(decision)).isEqualTo("PoolFailing");
        assertThat(status(decision).conditions().getFirst().message()).contains("corral: no");
        now = NOW.plusSeconds(61);
        assertThat(decide().clear()).hasSize(3);
    }

    /** A pod may wait for its image first, and somebody is to see why it failed. */
    @Test
    void theMinuteBeginsWithTheFailure() {
        fill(3);
        Instant late = NOW.plusSeconds(120);
        pods.set(0, ended(pods.get(0), late));
        pods.set(1, spoke(PoolWorld.withoutLandlock(pods.get(1)), late));
        pods.set(2, spoke(PoolWorld.reached(pods.get(2)), late));
        now = late.plusSeconds(1);
        assertThat(decide().clear()).isEmpty();
        assertThat(PoolWorld.created(decide())).isEmpty();
        assertThat(reason(decide())).isEqualTo("PoolFailing");
        now = late.plusSeconds(60);
        assertThat(decide().clear()).hasSize(3);
    }

    private static Pod ended(Pod pod, Instant at) {
        return new PodBuilder(pod)
                .editStatus()
                .editContainerStatus(0)
                .withNewState()
                .withNewTerminated()
                .withExitCode(1)
                .withMessage("corral: no")
                .withFinishedAt(at.toString())
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
    }

    private static Pod spoke(Pod pod, Instant at) {
        return new PodBuilder(pod)
                .editStatus()
                .editMatchingCondition(condition -> "corral.dev/SandboxVerified".equals(condition.getType()))
                .withLastTransitionTime(at.toString())
                .endCondition()
                .endStatus()
                .build();
    }

    /** Its gate stays False. Executions that are granted this take such a pod when it was made for them, so also one that waits. */
    @Test
    void aPodWhoseOpenNetworkIsToleratedIsReady() {
        policies = List.of(PoolWorld.policy("network"));
        fill(3);
        pods.replaceAll(PoolWorld::reached);
        assertThat(reason(decide())).isEqualTo("PoolFull");
        assertThat(status(decide()).ready()).isEqualTo(3);
        now = NOW.plusSeconds(61);
        assertThat(decide().clear()).as("it has not failed").isEmpty();
        assertThat(PoolWorld.created(decide())).isEmpty();
        claimed = Set.of(uid(0));
        assertThat(status(decide()).claimed()).isEqualTo(1);
    }

    @Test
    void aPodWhoseOpenNetworkNobodyToleratesIsTriedOnceAMinute() {
        fill(3);
        pods.replaceAll(PoolWorld::reached);
        assertThat(reason(decide())).isEqualTo("PoolFailing");
        assertThat(message())
                .isEqualTo(
                        "pod " + name(0)
                                + ": not proven: network: the port that must be closed was reached: the cluster does not enforce NetworkPolicy");
        assertThat(decide().clear()).isEmpty();
        now = NOW.plusSeconds(61);
        assertThat(decide().clear()).hasSize(3);
    }

    /** The gate is about the network alone; no execution takes a pod that lacks something else. */
    @Test
    void aPodThatNoExecutionWouldTakeIsNotReady() {
        fill(3);
        pods.set(0, PoolWorld.withoutLandlock(pods.get(0)));
        assertThat(status(decide()).ready()).isEqualTo(2);
        assertThat(reason(decide())).isEqualTo("PoolFailing");
        assertThat(message())
                .isEqualTo("pod " + name(0) + ": not proven: landlock: the node's kernel has no Landlock for this pod");
        now = NOW.plusSeconds(61);
        assertThat(decide().clear()).extracting(DeletePod::uid).containsExactly(uid(0));
        policies = List.of(PoolWorld.policy("landlock"));
        pods.clear();
        fill(3);
        pods.replaceAll(PoolWorld::withoutLandlock);
        assertThat(reason(decide())).as("tolerated").isEqualTo("PoolFull");
    }

    /** Its containers run on in the status, and the gate stays True. */
    @Test
    void aPodOnANodeThatDiedIsNotReadyAndIsReplacedAfterAMinute() {
        fill(3);
        now = NOW.plusSeconds(600);
        pods.set(0, ready(pods.get(0), "False", now));
        assertThat(status(decide()).ready()).isEqualTo(2);
        assertThat(reason(decide())).isEqualTo("PoolFailing");
        assertThat(message()).isEqualTo("pod " + name(0) + ": the node of the pod does not answer");
        assertThat(decide().clear()).as("the node may come back").isEmpty();
        assertThat(decide().lookAgain()).isLessThanOrEqualTo(Duration.ofMinutes(1));
        now = now.plusSeconds(60);
        assertThat(decide().clear()).extracting(DeletePod::uid).containsExactly(uid(0));
        assertThat(PoolWorld.created(decide())).hasSize(1);

        pods.set(0, ready(pods.get(0), "True", now));
        assertThat(reason(decide())).as("it came back").isEqualTo("PoolFull");
    }

    @Test
    void aPodThatTheKubeletHasNotCalledReadyYetIsReady() {
        fill(3);
        pods.replaceAll(pod -> ready(pod, "False", NOW.minusSeconds(1)));
        assertThat(status(decide()).ready()).isEqualTo(3);
    }

    private static Pod ready(Pod pod, String status, Instant since) {
        return new PodBuilder(pod)
                .editStatus()
                .editMatchingCondition(condition -> "corral.dev/SandboxVerified".equals(condition.getType()))
                .withLastTransitionTime(NOW.toString())
                .endCondition()
                .removeMatchingFromConditions(condition -> "Ready".equals(condition.getType()))
                .addNewCondition()
                .withType("Ready")
                .withStatus(status)
                .withLastTransitionTime(since.toString())
                .endCondition()
                .endStatus()
                .build();
    }

    /** The pod only says ContainerCreating; the kubelet's Event says why. */
    @Test
    void aSecretThatIsMissingIsNamed() {
        fill(2);
        pods.replaceAll(pod -> creating(pod, "ContainerCreating", ""));
        assertThat(reason(decide())).isEqualTo("PoolFilling");
        pods.replaceAll(pod -> new PodBuilder(pod)
                .editSpec()
                .addNewVolume()
                .withName("secret-0")
                .withNewProjected()
                .addNewSource()
                .withNewSecret()
                .withName("vault")
                .endSecret()
                .endSource()
                .endProjected()
                .endVolume()
                .endSpec()
                .build());
        unmounted = Map.of(uid(1), "MountVolume.SetUp failed for volume \"secret-0\" : secret \"vault\" not found");
        assertThat(reason(decide())).isEqualTo("PoolFailing");
        assertThat(message()).isEqualTo("pod " + name(1) + ": Secret vault: secret \"vault\" not found");
    }

    @Test
    void anImageThatIsMissingIsNamed() {
        fill(2);
        String launcher = pods.getFirst().getSpec().getVolumes().stream()
                .filter(volume -> volume.getImage() != null)
                .findFirst()
                .orElseThrow()
                .getImage()
                .getReference();
        pods.replaceAll(pod -> creating(pod, "ErrImagePull", "no such image: " + launcher));
        assertThat(reason(decide())).isEqualTo("PoolFailing");
        assertThat(message())
                .isEqualTo("pod " + name(0) + ": the launcher's image, the chart's images.launcher: no such image: "
                        + launcher);
    }

    /** No image, no Secret: a directory of a claim, a volume that does not come, a runtime that refuses. */
    @Test
    void aContainerThatCannotBeCreatedIsNamedWithItsPod() {
        fill(2);
        pods.replaceAll(pod -> creating(pod, "ContainerCreating", ""));
        assertThat(reason(decide())).as("as every pod does").isEqualTo("PoolFilling");

        unmounted = Map.of(uid(1), "MountVolume.SetUp failed for volume \"trust\" : configmap \"ca\" not found");
        assertThat(reason(decide())).isEqualTo("PoolFailing");
        assertThat(message()).isEqualTo("pod " + name(1) + ": " + unmounted.get(uid(1)));

        pods.set(0, creating(pods.get(0), "CreateContainerError", "no space left on device"));
        assertThat(message()).isEqualTo("pod " + name(0) + ": no space left on device");
    }

    private static Pod creating(Pod pod, String reason, String message) {
        return new PodBuilder(pod)
                .withNewStatus()
                .addNewContainerStatus()
                .withName("plugin")
                .withNewState()
                .withNewWaiting(message, reason)
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
    }

    @Test
    void claimsDoNotMakeTheStatusBeWrittenAllTheTime() {
        fill(3);
        pool.setStatus(status(decide()));
        assertThat(decide().status()).as("nothing changed").isEmpty();
        written = Optional.of(NOW.minusSeconds(1));
        claimed = Set.of(uid(0));
        var decision = decide();
        assertThat(decision.status()).as("too early").isEmpty();
        assertThat(decision.lookAgain()).isLessThanOrEqualTo(Duration.ofSeconds(4));
        written = Optional.of(NOW.minusSeconds(6));
        assertThat(decide().status()).isPresent();
    }

    @Test
    void whileClaimsRunAFewPodsStartAtATime() {
        pool = pool(8);
        fill(8);
        claimsRun = true;
        claim(0, 1, 2, 3, 4, 5);
        var decision = decide();
        assertThat(PoolWorld.created(decision)).as("two of eight are ready").hasSize(1);
        assertThat(decision.lookAgain()).as("but not forgotten").isLessThan(Duration.ofSeconds(1));
        PoolWorld.created(decision).forEach(pod -> pods.add(starting(pod)));
        assertThat(PoolWorld.created(decide())).as("one starts").isEmpty();
        claim(0, 1, 2, 3, 4, 5, 6);
        PoolWorld.created(decide()).forEach(pod -> pods.add(starting(pod)));
        assertThat(pods.subList(8, pods.size())).as("one ready is too few").hasSize(2);
        assertThat(PoolWorld.created(decide())).as("two start").isEmpty();
        claimsRun = false;
        assertThat(PoolWorld.created(decide())).as("nobody claims any more").hasSize(5);
    }

    /** One starts at a time: were it one that cannot, none would until it is too old. */
    @Test
    void aPodThatCannotStartHoldsUpNoRefillWhileClaimsRun() {
        pool = pool(8);
        fill(8);
        claimsRun = true;
        claim(0, 1);
        pods.set(2, creating(pods.get(2), "ErrImagePull", "no such image"));
        assertThat(PoolWorld.created(decide())).as("an image that is not there").hasSize(1);

        pods.set(2, creating(pods.get(2), "ContainerCreating", ""));
        assertThat(PoolWorld.created(decide())).as("it may be on its way").isEmpty();
        now = NOW.plusSeconds(60);
        assertThat(PoolWorld.created(decide())).as("no start takes so long").hasSize(1);
        pods.add(starting(PoolWorld.created(decide()).getFirst()));
        assertThat(PoolWorld.created(decide())).as("that one starts").isEmpty();
    }

    private void claim(Integer... numbers) {
        claimed = Arrays.stream(numbers).map(this::uid).collect(Collectors.toUnmodifiableSet());
    }

    private void fill(int count) {
        budget = count;
        PoolWorld.created(decide()).forEach(pod -> pods.add(PoolWorld.ready(pod, NOW)));
        budget = 5;
    }

    private Pod starting(Pod pod) {
        return new PodBuilder(PoolWorld.ready(pod, now))
                .withNewStatus()
                .withPhase("Pending")
                .endStatus()
                .build();
    }

    private String uid(int index) {
        return pods.get(index).getMetadata().getUid();
    }

    private String name(int index) {
        return pods.get(index).getMetadata().getName();
    }

    private String message() {
        return status(decide()).conditions().getFirst().message();
    }

    private static PluginPoolStatus status(PoolDecision decision) {
        return decision.status().orElseThrow();
    }

    private static String reason(PoolDecision decision) {
        return status(decision).conditions().stream()
                .filter(condition -> condition.type().equals("Ready"))
                .findFirst()
                .orElseThrow()
                .reason();
    }

    private static PluginPool pool(int replicas) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginPool
                metadata: {name: checks, namespace: team-a, uid: pool-uid, generation: 1}
                spec: {plugin: {name: check}, handler: main, replicas: %d}
                """.formatted(replicas), PluginPool.class);
    }

    private PoolDecision decide() {
        var around = PoolWorld.surroundings(
                PoolWorld.plugin("check", memory),
                policies,
                laid.orElseGet(() -> PoolWorld.laid(installation)),
                installation);
        return decider.decide(
                new PoolSnapshot(
                        pool,
                        around,
                        PoolSnapshot.named(pool, around.plugin()),
                        pods.stream().map(SlimPod::of).toList(), // as they are cached
                        claimed,
                        unmounted,
                        budget,
                        claimsRun,
                        PoolWorld.nonces(budget, pods.size()),
                        refusal,
                        written),
                now);
    }
}
