package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PolicyStatus;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.observe.SlimPod;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What wakes executions. */
class EventSourcesTest {
    @Test
    void whatAPolicySaysWakesThemAndWhatIsSaidOfItDoesNot() {
        var before = policy(1);
        var linted = policy(1);
        linted.setStatus(new PolicyStatus(1L, List.of()));

        assertThat(EventSources.matters(linted, before)).isFalse();
        assertThat(EventSources.matters(policy(2), before)).isTrue();
        var again = policy(1); // deleted and made again while nobody watched
        again.getMetadata().setUid("uid-2");
        assertThat(EventSources.matters(again, before)).isTrue();
    }

    @Test
    void aPodsStatusMatters() {
        var pod = new PodBuilder()
                .withNewMetadata()
                .withGeneration(1L)
                .endMetadata()
                .build();
        assertThat(EventSources.matters(pod, pod)).isTrue();
    }

    @Test
    void aProvenPodIsOfferedUntilItsNodeStopsAnswering() {
        assertThat(EventSources.waiting(pod(""))).as("no kubelet's word yet").containsExactly("team-a");
        assertThat(EventSources.waiting(
                        pod("{type: Ready, status: 'True', lastTransitionTime: '2026-11-23T07:00:03Z'}")))
                .containsExactly("team-a");
        assertThat(EventSources.waiting(
                        pod("{type: Ready, status: 'False', lastTransitionTime: '2026-11-23T07:00:01Z'}")))
                .as("the kubelet has not seen the proof")
                .containsExactly("team-a");
        assertThat(EventSources.waiting(
                        pod("{type: Ready, status: 'False', lastTransitionTime: '2026-11-23T07:09:00Z'}")))
                .as("it was ready, and is not")
                .isEmpty();
    }

    /** Whoever tolerates an open network may take it. */
    @Test
    void aPodThatReachedTheClosedPortIsOfferedToo() {
        var pod = pod("{type: Ready, status: 'False', lastTransitionTime: '2026-11-23T07:00:01Z'}");
        pod.getStatus().getConditions().getFirst().setStatus("False");
        assertThat(EventSources.waiting(pod)).containsExactly("team-a");
        pod.getStatus().getConditions().removeFirst();
        assertThat(EventSources.waiting(pod)).as("it said nothing yet").isEmpty();
    }

    /** An index is made of the whole pod when it comes, and of what is kept when it goes. */
    @Test
    void whatIsKeptOfAPodIsFoundAsTheWholeIs() {
        for (var phase : List.of("Pending", "Running", "Succeeded", "Failed")) {
            var pod = pod("{type: Ready, status: 'True', lastTransitionTime: '2026-11-23T07:00:03Z'}");
            pod.getMetadata().setAnnotations(Map.of("corral.dev/pool", "checks"));
            pod.getStatus().setPhase(phase);
            assertThat(EventSources.waiting(SlimPod.of(pod))).isEqualTo(EventSources.waiting(pod));
            assertThat(PoolBell.pool(SlimPod.of(pod)))
                    .isEqualTo(PoolBell.pool(pod))
                    .contains("team-a/checks");
            assertThat(EventSources.ofExecution(pod)).isEmpty();
            pod.getMetadata().getOwnerReferences().getFirst().setKind("PluginExecution");
            assertThat(EventSources.ofExecution(SlimPod.of(pod)))
                    .isEqualTo(EventSources.ofExecution(pod))
                    .containsExactly("pool-uid");
        }
    }

    /** Anybody may have a kind of their own of that name; owners of ours are kept from everybody else by a guard. */
    @Test
    void anOwnerOfAnotherGroupIsNone() {
        var pod = pod("");
        var owner = pod.getMetadata().getOwnerReferences().getFirst();
        assertThat(RunState.pool(pod)).contains("pool-uid");
        owner.setApiVersion("x.dev/v1");
        assertThat(RunState.pool(pod)).isEmpty();

        owner.setKind("PluginExecution");
        assertThat(SecondaryIndex.owner(pod)).isEmpty();
        owner.setApiVersion("corral.dev/v1alpha1");
        assertThat(SecondaryIndex.owner(pod)).containsExactly(new ResourceID("checks", "team-a"));
        owner.setController(false);
        assertThat(SecondaryIndex.owner(pod)).isEmpty();
    }

    private static Pod pod(String ready) {
        return Serialization.unmarshal("""
                metadata:
                  name: warm
                  namespace: team-a
                  ownerReferences: [{apiVersion: corral.dev/v1alpha1, kind: PluginPool, name: checks, uid: pool-uid, controller: true}]
                status:
                  conditions:
                    - {type: corral.dev/SandboxVerified, status: 'True', lastTransitionTime: '2026-11-23T07:00:02Z'}
                """ + (ready.isEmpty() ? "" : "    - " + ready + "\n"), Pod.class);
    }

    private static ClusterPluginPolicy policy(long generation) {
        var policy = new ClusterPluginPolicy();
        policy.setMetadata(new ObjectMetaBuilder()
                .withName("teams")
                .withGeneration(generation)
                .build());
        return policy;
    }
}
