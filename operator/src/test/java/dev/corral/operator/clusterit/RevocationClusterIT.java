package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.ConditionReason;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A policy that is taken back is taken from what runs by it, and from nothing else. */
class RevocationClusterIT {
    /** What an administrator is promised. */
    private static final Duration PROMISED = Duration.ofSeconds(30);

    @RegisterExtension
    static final Team team = Team.granted("revoked", """
            limits: {timeout: 5m, memory: 64Mi}
            """);

    @Test
    void aRunWhosePolicyIsDeletedIsStoppedAndItsOutputsAreKeptBack() throws Exception {
        team.govern("borrowed", "grants: {env: [BORROWED]}");
        var run = sleeper("deleted", "BORROWED");
        var neighbour = team.shell("neighbour", "sleep 45").start();
        run.untilStarted();

        policy("borrowed").delete();

        stopped(run);
        var end = run.ends(ConditionReason.PolicyRevoked);
        assertThat(end.message()).contains("BORROWED");
        assertThat(end.status().error().code()).isEqualTo("POLICY_REVOKED");
        assertThat(end.artifact("partial").state()).isEqualTo("Quarantined");
        assertThat(end.artifact("partial").uri()).isNull();
        assertThat(end.artifact("partial").sha256()).hasSize(64);
        assertThat(end.status().result()).isNull();
        try (var reader = new ArtifactReader(team)) {
            reader.mayRead("reader");
            var path = "/v1/namespaces/" + team.namespace() + "/executions/deleted/artifacts/partial";
            assertThat(reader.get(path, reader.token("reader", "corral-artifacts"))
                            .code())
                    .isEqualTo(404);
        }
        assertThat(run.event("PolicyRevoked").getType()).isEqualTo("Warning");
        neighbour.ends(ConditionReason.HandlerReturned);
    }

    @Test
    void aDenyThatIsAddedStopsTheRunAndAGrantThatIsAddedDoesNot() {
        team.govern("edited", "grants: {env: [EDITED]}");
        var run = sleeper("denied", "EDITED");
        run.untilStarted();

        merge(
                "edited",
                "{\"spec\": {\"grants\": {\"env\": [\"EDIT*\", \"MORE\"], \"limits\": {\"memory\": \"32Mi\"}}}}");
        await("the controller to have read it")
                .atMost(PROMISED)
                .until(() -> Long.valueOf(2)
                        .equals(policy("edited").get().getStatus().observedGeneration()));
        assertThat(run.resource().get().getStatus().state()).isEqualTo("Running");
        merge("edited", "{\"spec\": {\"denies\": {\"env\": [\"EDITED\"]}}}");

        stopped(run);
        assertThat(run.ends(ConditionReason.PolicyRevoked).message()).contains("denied by ClusterPluginPolicy/edited");
    }

    @Test
    void aNamespaceThatLosesItsLabelLosesItsRuns() {
        label("\"yes\"");
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: ClusterPluginPolicy
                metadata: {name: labelled-$NAMESPACE, labels: {clusterit: $NAMESPACE}}
                spec:
                  namespaces: {matchLabels: {kubernetes.io/metadata.name: $NAMESPACE, trusted: "yes"}}
                  grants: {env: [LABELLED]}
                """);
        var run = sleeper("unlabelled", "LABELLED");
        run.untilStarted();

        label("null");

        stopped(run);
        run.ends(ConditionReason.PolicyRevoked);
    }

    @Test
    void aPolicyThatExpiresTakesItsRunsAlong() {
        var expires = Instant.now().plusSeconds(25).truncatedTo(ChronoUnit.SECONDS);
        team.govern("trial", "expires: \"" + expires + "\"\ngrants: {env: [TRIAL]}");
        var run = sleeper("expired", "TRIAL");
        run.untilStarted();

        assertThat(run.ends(ConditionReason.PolicyRevoked).message()).contains("TRIAL");
    }

    private static Run sleeper(String name, String variable) {
        return team.shell(name, """
                        echo so far > $CORRAL_OUTPUT/partial
                        echo '{"secret": true}' > $CORRAL_RESULT
                        sleep 300
                        """)
                .asks("env: [" + variable + "]")
                .leaves("partial")
                .start();
    }

    /** The handler is dead and everything of it is told. */
    private static void stopped(Run run) {
        await("the end of " + run.name())
                .atMost(PROMISED)
                .until(() -> run.resource().get().getStatus().completionTime() != null);
    }

    private static Resource<ClusterPluginPolicy> policy(String name) {
        return team.client().resources(ClusterPluginPolicy.class).withName(name + "-" + team.namespace());
    }

    private static void merge(String policy, String patch) {
        policy(policy).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    private static void label(String value) {
        team.client()
                .namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(team.namespace())
                        .endMetadata()
                        .build())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"labels\": {\"trusted\": " + value + "}}}");
    }
}
