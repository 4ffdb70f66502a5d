package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.EnforcementState;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A network policy of somebody else that reopens what Corral shut: runs stop, or never start, or are told to live with it. */
class WideningClusterIT {
    private static final String LIMITS = "limits: {timeout: 5m, memory: 64Mi}";

    @RegisterExtension
    static final Team live = Team.granted("widen-live", LIMITS);

    @RegisterExtension
    static final Team later = Team.granted("widen-new", LIMITS);

    @RegisterExtension
    static final Team cilium = Team.granted("widen-cilium", LIMITS);

    @RegisterExtension
    static final Team tolerant =
            Team.governed("widen-tolerant", "grants:\n  " + LIMITS + "\ntolerateUnenforced: [network]\n");

    @RegisterExtension
    static final Team doomed = Team.granted("widen-doomed", LIMITS);

    private static final String OPEN = """
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: allow-all, namespace: $NAMESPACE}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}
            """;

    @Test
    void liveRunIsStoppedWithinTenSecondsAndItsArtifactsAreWithheld() {
        var run = live.shell("stopped", "echo x > $CORRAL_OUTPUT/left; sleep 300")
                .leaves("left")
                .start();
        run.untilStarted();

        live.apply(OPEN);
        var opened = Instant.now();

        // The order stands until the launcher's report is there: on a fast node only the end is seen.
        var stopping = await("the order to stop, or the end it led to")
                .pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> run.resource().get(),
                        execution -> execution.getStatus().conditions().stream()
                                .anyMatch(c ->
                                        c.status().equals("False") && c.reason().equals("NetworkWidened")));
        System.out.println("widened: found after "
                + Duration.between(opened, Instant.now()).toMillis() + " ms, state "
                + stopping.getStatus().state());
        var end = run.ends(ConditionReason.NetworkWidened);
        assertThat(end.message())
                .contains("NetworkPolicy allow-all opens egress")
                .contains("corral.dev/plugin-pod");
        assertThat(end.status().error().code()).isEqualTo("NETWORK_WIDENED");
        assertThat(end.artifact("left").state()).isEqualTo("Quarantined");
        assertThat(end.artifact("left").problem()).startsWith("kept and not handed out");
    }

    @Test
    void newRunWaitsAndStartsOnceThePolicyIsGone() {
        later.apply(OPEN);
        var run = later.shell("waits", "true").start();
        run.untilWaitingFor(ConditionReason.NetworkWidened);
        assertThat(later.client().pods().inNamespace(later.namespace()).list().getItems())
                .isEmpty();

        later.client()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(later.namespace())
                .withName("allow-all")
                .delete();
        run.ends(ConditionReason.HandlerReturned);
    }

    @Test
    void policyOfTheNetworkPluginCountsToo() {
        cilium.apply("""
                apiVersion: cilium.io/v2
                kind: CiliumNetworkPolicy
                metadata: {name: world, namespace: $NAMESPACE}
                spec: {endpointSelector: {}, egress: [{toEntities: [world]}]}
                """);
        var run = cilium.shell("waits", "true").start();

        var waiting = run.untilWaitingFor(ConditionReason.NetworkWidened);

        assertThat(waiting.getStatus().conditions())
                .anyMatch(c ->
                        c.type().equals("Ready") && c.message().contains("CiliumNetworkPolicy world opens egress"));
        run.cancel();
        run.ends(ConditionReason.Cancelled);
    }

    @Test
    void aPolicyThatToleratesItLetsItRunAndTheStatusSaysSo() {
        tolerant.apply(OPEN);

        var end = tolerant.shell("tolerated", "true").start().ends(ConditionReason.HandlerReturned);

        assertThat(end.condition("SandboxVerified").reason()).isEqualTo("Tolerated");
        assertThat(end.status().enforcement())
                .filteredOn(row -> row.permission().equals("network"))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.state()).isEqualTo(EnforcementState.NotEnforced);
                    assertThat(row.reason()).contains("NetworkPolicy allow-all");
                });
    }

    /** With live runs in it, policies of ours and a pod being started. */
    @Test
    void aNamespaceWithLiveRunsGoesWhenItIsDeleted() {
        doomed.shell("one", "trap '' TERM; sleep 300").start().untilStarted();
        doomed.shell("two", "sleep 300").start();

        doomed.client().namespaces().withName(doomed.namespace()).delete();

        await("the namespace to be gone")
                .atMost(Duration.ofSeconds(120))
                .until(() -> doomed.client()
                                .namespaces()
                                .withName(doomed.namespace())
                                .get()
                        == null);
    }
}
