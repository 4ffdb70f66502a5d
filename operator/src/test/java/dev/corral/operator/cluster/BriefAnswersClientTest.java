package dev.corral.operator.cluster;

import static dev.corral.operator.cluster.MockedApi.execution;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PolicyStatus;
import dev.corral.operator.decide.EventNote;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of what is written most often nobody reads the answer, so only metadata is asked for; of a pod that is made all of it is read. */
class BriefAnswersClientTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String BRIEF = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    private static final String PODS = "/api/v1/namespaces/team-a/pods";
    private static final Map<String, Object> METADATA = Map.of(
            "apiVersion", "meta.k8s.io/v1",
            "kind", "PartialObjectMetadata",
            "metadata", Map.of("name", "check", "resourceVersion", "10"));

    private final MockedApi api = new MockedApi();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void ofAStatus() {
        api.answer(
                "PATCH",
                "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginexecutions/check/status?fieldManager=corral-controller&force=true",
                200,
                METADATA);
        assertThat(new Applier(api.client()).writeStatus(execution(), new StatusDraft(execution(), NOW, NOW).build()))
                .isTrue();
        assertThat(api.sent().accept()).isEqualTo(BRIEF);
    }

    @Test
    void ofWhatIsSaidOfAPolicy() {
        var policy = new ClusterPluginPolicy();
        policy.setMetadata(new ObjectMetaBuilder().withName("all").build());
        api.answer(
                "PATCH",
                "/apis/corral.dev/v1alpha1/clusterpluginpolicies/all/status?fieldManager=corral-controller&force=true",
                200,
                METADATA);
        new Applier(api.client()).applyStatus(policy, new ClusterPluginPolicy(), new PolicyStatus(1L, List.of()));
        assertThat(api.sent().accept()).isEqualTo(BRIEF);
    }

    @Test
    void ofAConditionOfAPod() {
        api.answer("PATCH", PODS + "/pex-1/status", 200, METADATA);
        assertThat(new GatewayAccess(api.client(), "corral-system")
                        .setCondition(
                                pod(), new PodConditionBuilder().withType("c").build()))
                .isTrue();
        assertThat(api.sent().accept()).isEqualTo(BRIEF);
    }

    @Test
    void ofAnEvent() {
        api.answer("POST", "/apis/events.k8s.io/v1/namespaces/team-a/events", 201, METADATA);
        new EventPublisher(api.client(), "controller-0", Runnable::run)
                .publish(execution(), EventNote.normal("Started", "Claim", "runs"), NOW);
        assertThat(api.sent().accept()).isEqualTo(BRIEF);
    }

    @Test
    void ofAPodThatChangesHandsOrGoes() {
        var applier = new Applier(api.client());
        api.answer("PATCH", PODS + "/pex-1", 200, METADATA);
        assertThat(applier.adopt("team-a", "pex-1", "u", "uid-pool", new RunIdentity("team-a", "check", "uid-2", 1)))
                .isTrue();
        assertThat(api.sent().accept()).isEqualTo(BRIEF);
        api.answer("DELETE", PODS + "/pex-1", 200, METADATA);
        applier.delete(Pod.class, "team-a", "pex-1", "u");
        assertThat(api.sent().accept()).isEqualTo(BRIEF);
    }

    @Test
    void butNotOfAPodThatIsMade() {
        api.answer("POST", PODS, 201, pod());
        assertThat(new Applier(api.client()).create(pod())).isEqualTo(new Applier.Creation.Made(pod()));
        assertThat(api.sent().accept()).doesNotContain("PartialObjectMetadata");
    }

    /** The API server would refuse to answer so, after it has deleted them. */
    @Test
    void norOfTheDeletionOfMany() {
        api.answer("DELETE", PODS, 200, METADATA);
        api.client().pods().inNamespace("team-a").delete();
        assertThat(api.sent().accept()).doesNotContain("PartialObjectMetadata");
    }

    /** What lies there is compared with what was to. In a namespace of that name, too. */
    @Test
    void norOfANetworkPolicy() {
        var policy = new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace("pods")
                .withName("deny")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
        api.answer(
                "PATCH",
                "/apis/networking.k8s.io/v1/namespaces/pods/networkpolicies/deny?fieldManager=corral-controller&force=true",
                201,
                policy);
        assertThat(new Applier(api.client()).apply(policy)).isEqualTo(new Applier.Laying.AsGiven());
        assertThat(api.sent().accept()).doesNotContain("PartialObjectMetadata");
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName("pex-1")
                .withUid("u")
                .endMetadata()
                .build();
    }
}
