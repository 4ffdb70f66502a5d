package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.operator.clusterit.Run.End;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Whatever is killed while a run is on its way, the run ends the same: one claim, one start, every artifact. Starts are counted by the
 * pretended internet, to which every handler says that it begins.
 */
@Execution(ExecutionMode.SAME_THREAD)
class RecoveryClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("recovery", """
            network: {cidrs: ["203.0.113.10/32:80"]}
            events: {produce: ["*@v1"]}
            limits: {timeout: 3m, memory: 64Mi}
            """);

    @AfterEach
    void everythingIsUpAgain() {
        team.client()
                .apps()
                .deployments()
                .inNamespace(LocalCluster.SYSTEM)
                .resources()
                .forEach(deployment -> deployment.waitUntilReady(180, TimeUnit.SECONDS));
    }

    @Test
    void gatewayKilledMidRun() {
        var run = worker("gateway-killed");
        run.untilStarted();
        kill("gateway");

        sameEnd(run);
    }

    @Test
    void gatewayAwayAtTheEndOfTheRun() {
        var run = worker("gateway-away");
        run.untilStarted();
        var gateway = team.client()
                .apps()
                .deployments()
                .inNamespace(LocalCluster.SYSTEM)
                .withName("corral-gateway");
        gateway.scale(0);
        try {
            await("the handler has ended")
                    .atMost(Duration.ofMinutes(2))
                    .until(() -> !team.cluster()
                            .outsideHeard("/ends/" + team.namespace() + "/" + run.name() + "\"")
                            .isEmpty());
        } finally {
            gateway.scale(1);
        }

        sameEnd(run);
    }

    @Test
    void leaderKilledBeforeTheClaim() {
        var run = worker("leader-killed-early");
        await("the pod is made")
                .atMost(Duration.ofMinutes(2))
                .until(() -> !team.client()
                        .pods()
                        .inNamespace(team.namespace())
                        .withLabel("corral.dev/plugin-pod")
                        .list()
                        .getItems()
                        .isEmpty());
        killLeader();

        sameEnd(run);
    }

    @Test
    void leaderKilledMidRun() {
        var run = worker("leader-killed-late");
        run.untilStarted();
        killLeader();

        sameEnd(run);
    }

    @Test
    void everybodyKilledAtOnceBeforeTheEnd() {
        var run = worker("all-killed");
        run.untilStarted();
        kill("controller");
        kill("gateway");

        sameEnd(run);
    }

    @Test
    void defaultDenyThatSomebodyDeletedIsBackBeforeTheNextPodStarts() {
        team.probe("before", "exit", "0").start().ends(ConditionReason.HandlerReturned);
        var policies = team.client().network().v1().networkPolicies().inNamespace(team.namespace());
        var old = policies.withName("corral-default-deny").get().getMetadata().getUid();
        try (var planter = team.cluster().as(LocalCluster.PLANTER)) {
            planter.network()
                    .v1()
                    .networkPolicies()
                    .inNamespace(team.namespace())
                    .withName("corral-default-deny")
                    .delete();
        }
        var end = team.probe("after", "connect", "203.0.113.20:80", "203.0.113.10:80")
                .asks("network: {cidrs: ['203.0.113.10/32:80']}")
                .start()
                .ends(ConditionReason.HandlerReturned);

        var deny = policies.withName("corral-default-deny").get();
        assertThat(deny).isNotNull();
        assertThat(deny.getMetadata().getUid()).isNotEqualTo(old);
        assertThat(end.result().at("/connects/0/result").asText()).isNotEqualTo("open");
        assertThat(end.result().at("/connects/1/result").asText()).isEqualTo("open");
    }

    /** Works for a while, and says to the pretended internet when it begins and when it ends. */
    private static Run worker(String name) {
        return team.shell(name, """
                        me=$CORRAL_NAMESPACE/$CORRAL_EXECUTION
                        fetch http://203.0.113.10/begins/$me >/dev/null
                        corral emit work.begun@v1 --message begun --key begun
                        echo early > $CORRAL_OUTPUT/early
                        sleep 10
                        echo late > $CORRAL_OUTPUT/late
                        printf '{"attempt": %s}' $CORRAL_ATTEMPT > $CORRAL_RESULT
                        fetch http://203.0.113.10/ends/$me >/dev/null
                        """)
                .asks("{network: {cidrs: ['203.0.113.10/32:80']}, events: {produce: ['work.*@v1']}}")
                .leaves("early", "late")
                .start();
    }

    private static void sameEnd(Run run) {
        End end = run.ends(ConditionReason.HandlerReturned);

        assertThat(end.result().get("attempt").asInt()).isEqualTo(1);
        assertThat(end.status().attempt().number()).isEqualTo(1);
        assertThat(end.artifact("early").state()).isEqualTo("Ready");
        assertThat(end.artifact("late").state()).isEqualTo("Ready");
        assertThat(end.status().events().emitted()).isEqualTo(1);
        assertThat(team.cluster().outsideHeard("/begins/" + team.namespace() + "/" + run.name() + "\""))
                .as("starts")
                .hasSize(1);
        assertThat(run.events().stream().filter(event -> "Started".equals(event.getReason())))
                .as("claims")
                .hasSize(1);
        assertThat(run.event("HandlerReturned").getType()).isEqualTo("Normal");
    }

    private static void killLeader() {
        var leader = team.client()
                .leases()
                .inNamespace(LocalCluster.SYSTEM)
                .withName("corral-controller")
                .get()
                .getSpec()
                .getHolderIdentity();
        team.client()
                .pods()
                .inNamespace(LocalCluster.SYSTEM)
                .withName(leader)
                .withGracePeriod(0)
                .delete();
    }

    private static void kill(String component) {
        team.client()
                .pods()
                .inNamespace(LocalCluster.SYSTEM)
                .withLabel("app.kubernetes.io/component", component)
                .withGracePeriod(0)
                .delete();
    }
}
