package dev.corral.operator.cluster;

import static dev.corral.operator.cluster.MockedApi.execution;
import static dev.corral.operator.cluster.MockedApi.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.cluster.Applier.Creation;
import dev.corral.operator.cluster.Applier.Laying;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the controller sends, to the letter, and what each answer of the API server means to it. */
class ApplierClientTest {
    private static final String APPLY = "application/apply-patch+yaml";
    private static final String OWN = "?fieldManager=corral-controller&force=true";
    private static final String PODS = "/api/v1/namespaces/team-a/pods";
    private static final String POD = PODS + "/pex-1";
    private static final String POLICY_ITSELF = "/apis/networking.k8s.io/v1/namespaces/team-a/networkpolicies/deny";
    private static final String POLICY = POLICY_ITSELF + OWN;
    private static final String ACCOUNT = "/api/v1/namespaces/team-a/serviceaccounts/corral-plugin" + OWN;
    private static final String STATUS =
            "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginexecutions/check/status" + OWN;

    private final MockedApi api = new MockedApi();
    private final Applier applier = new Applier(api.client());

    @AfterEach
    void close() {
        api.close();
    }

    // ---- status: the claim is such a write

    @Test
    void aStatusIsAppliedToTheVeryVersionThatWasRead() {
        api.answer("PATCH", STATUS, 200, execution());

        assertThat(applier.writeStatus(execution(), claimed().build())).isTrue();

        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("PATCH " + STATUS);
        assertThat(sent.mediaType()).isEqualTo(APPLY);
        var body = sent.body();
        assertThat(body.path("metadata"))
                .isEqualTo(json(
                        "{\"name\":\"check\",\"namespace\":\"team-a\",\"uid\":\"uid-2\",\"resourceVersion\":\"9\"}"));
        assertThat(body.path("apiVersion").asText()).isEqualTo("corral.dev/v1alpha1");
        assertThat(body.path("kind").asText()).isEqualTo("PluginExecution");
        assertThat(body.path("spec").isEmpty()).as("no word about the spec").isTrue();
        assertThat(body.at("/status/attempt/session").asText()).isEqualTo("s");
    }

    @Test
    void aStatusSaysNothingOfWhatTheGatewayOwns() {
        api.answer("PATCH", STATUS, 200, execution());

        applier.writeStatus(execution(), claimed().build());

        assertThat(api.sent().body().path("status").fieldNames())
                .toIterable()
                .doesNotContain("report", "result", "artifacts", "events");
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 404, 410})
    void aStatusThatSomebodyElseWroteFirstIsDecidedAgain(int code) {
        api.refuse("PATCH", STATUS, code);
        assertThat(applier.writeStatus(execution(), claimed().build())).isFalse();
        assertThat(api.requests()).as("one try").isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 429, 500, 503})
    void aStatusThatIsNotTakenStopsTheRoundBeforeItsEffects(int code) {
        api.refuse("PATCH", STATUS, code);
        assertThatThrownBy(() -> applier.writeStatus(execution(), claimed().build()))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        failure -> assertThat(failure.getCode()).isEqualTo(code));
    }

    /** To write it again mends nothing; a guard that refuses it may change its mind. */
    @Test
    void aStatusThatItsSchemaDoesNotAllowSaysSo() {
        api.refuse("PATCH", STATUS, 422);
        assertThatThrownBy(() -> applier.writeStatus(execution(), claimed().build()))
                .isInstanceOf(Applier.Unwritable.class);
        api.answer("PATCH", STATUS, 400, failure(400, "error decoding YAML: yaml: control characters are not allowed"));
        assertThatThrownBy(() -> applier.writeStatus(execution(), claimed().build()))
                .isInstanceOf(Applier.Unwritable.class);
        api.answer("PATCH", STATUS, 422, failure(422, "ValidatingAdmissionPolicy 'corral-x' denied request: no"));
        assertThatThrownBy(() -> applier.writeStatus(execution(), claimed().build()))
                .isInstanceOf(KubernetesClientException.class);
    }

    /**
     * etcd takes 1.5 MiB of an object, or what it is told, its client in the API server 2 MiB, the API server 3 MiB of a request; its author
     * may have left less of that than a status needs.
     */
    @Test
    void aStatusThatTheObjectHasNoRoomForSaysSo() {
        api.answer("PATCH", STATUS, 500, failure(500, "etcdserver: request is too large"));
        api.answer(
                "PATCH",
                STATUS,
                500,
                failure(500, "rpc error: code = ResourceExhausted desc = trying to send message larger than max"));
        api.answer("PATCH", STATUS, 413, failure(413, "Request entity too large: limit is 3145728"));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> applier.writeStatus(execution(), claimed().build()))
                    .isInstanceOfSatisfying(
                            Applier.Unwritable.class,
                            refused -> assertThat(refused.large()).isTrue());
        }
    }

    // ---- the end stays, and is about the newest spec

    private static final String EXECUTION = "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginexecutions/check";
    private static final String OBSERVED = EXECUTION + "/status?fieldManager=corral-controller";

    @Test
    void aSpecEditedAfterTheEndIsObservedAndNothingElseIsSaid() {
        api.answer("GET", EXECUTION, 200, edited());
        api.answer("PATCH", OBSERVED, 200, edited());

        applier.observeSpec("team-a", "check", "uid-2");

        api.sent();
        var sent = api.sent();
        assertThat(sent.mediaType()).isEqualTo("application/json-patch+json");
        assertThat(sent.body()).isEqualTo(json("""
                [{"op":"test","path":"/metadata/uid","value":"uid-2"},
                 {"op":"test","path":"/metadata/generation","value":3},
                 {"op":"add","path":"/status/observedGeneration","value":3},
                 {"op":"test","path":"/status/conditions/0/type","value":"Succeeded"},
                 {"op":"add","path":"/status/conditions/0/observedGeneration","value":3},
                 {"op":"test","path":"/status/conditions/1/type","value":"Ready"},
                 {"op":"add","path":"/status/conditions/1/observedGeneration","value":3}]"""));
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 404, 422})
    void anEndThatChangedMeanwhileIsLookedAtAgain(int code) {
        api.answer("GET", EXECUTION, 200, edited());
        api.refuse("PATCH", OBSERVED, code);

        applier.observeSpec("team-a", "check", "uid-2");

        assertThat(api.requests()).isEqualTo(2);
    }

    @Test
    void theEndOfAnotherOfThatNameIsLeftAlone() {
        api.answer("GET", EXECUTION, 200, edited());

        applier.observeSpec("team-a", "check", "uid-1");

        assertThat(api.requests()).isEqualTo(1);
    }

    private static PluginExecution edited() {
        var edited = execution();
        edited.getMetadata().setGeneration(3L);
        edited.setStatus(Serialization.unmarshal("""
                observedGeneration: 2
                conditions:
                  - {type: Succeeded, status: "True", reason: HandlerReturned, observedGeneration: 2}
                  - {type: Ready, status: "True", reason: HandlerReturned, observedGeneration: 2}
                """, PluginExecutionStatus.class));
        return edited;
    }

    // ---- policies and the account

    @Test
    void aNetworkPolicyIsAppliedWhole() {
        api.answer("PATCH", POLICY, 201, policy());

        applier.apply(policy());

        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("PATCH " + POLICY);
        assertThat(sent.mediaType()).isEqualTo(APPLY);
        assertThat(sent.body()).isEqualTo(json("""
                {"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy",
                 "metadata":{"name":"deny","namespace":"team-a","labels":{"app.kubernetes.io/managed-by":"corral"}},
                 "spec":{"podSelector":{"matchLabels":{"corral.dev/plugin-pod":"true"}},"policyTypes":["Ingress","Egress"]}}"""));
        assertThat(api.requests()).isEqualTo(1);
    }

    /** Server-side apply takes away only what its own field manager wrote: rules and owners of somebody else would stay. */
    @Test
    void whatSomebodyElseWroteIntoANetworkPolicyGoes() {
        api.answer("PATCH", POLICY, 200, widened());
        api.answer("PATCH", POLICY_ITSELF, 200, policy());

        assertThat(applier.apply(policy())).isEqualTo(new Laying.AsGiven());

        api.sent();
        var sent = api.sent();
        assertThat(sent.mediaType()).isEqualTo("application/json-patch+json");
        assertThat(sent.body()).isEqualTo(json("""
                [{"op":"test","path":"/metadata/uid","value":"uid-1"},
                 {"op":"add","path":"/metadata/labels","value":{"app.kubernetes.io/managed-by":"corral"}},
                 {"op":"add","path":"/metadata/ownerReferences","value":[]},
                 {"op":"replace","path":"/spec","value":
                   {"podSelector":{"matchLabels":{"corral.dev/plugin-pod":"true"}},"policyTypes":["Ingress","Egress"]}}]"""));
    }

    @Test
    void aNetworkPolicyThatIsChangedOnItsWayIsNotAsGiven() {
        api.answer("PATCH", POLICY, 200, widened());
        api.answer("PATCH", POLICY_ITSELF, 200, widened());

        assertThat(applier.apply(policy()))
                .isInstanceOfSatisfying(
                        Laying.Changed.class,
                        changed -> assertThat(changed.words()).contains("NetworkPolicy deny was changed on its way"));
    }

    /** Somebody deleted it and holds it back: it would go beside whatever runs when that one says so. */
    @Test
    void aNetworkPolicyThatIsBeingDeletedIsMadeAnewAtOnce() {
        var going = new NetworkPolicyBuilder(policy())
                .editMetadata()
                .withUid("uid-1")
                .withDeletionTimestamp("2026-11-23T07:00:00Z")
                .withFinalizers("foregroundDeletion")
                .endMetadata()
                .build();
        api.answer("PATCH", POLICY, 200, going);
        api.answer("PATCH", POLICY_ITSELF, 200, going);
        api.answer("PATCH", POLICY, 201, policy());

        assertThat(applier.apply(policy())).isEqualTo(new Laying.AsGiven());

        api.sent();
        assertThat(api.sent().body()).isEqualTo(json("""
                [{"op":"test","path":"/metadata/uid","value":"uid-1"},
                 {"op":"add","path":"/metadata/finalizers","value":[]}]"""));
        assertThat(api.sent().line()).isEqualTo("PATCH " + POLICY);
    }

    @Test
    void aNetworkPolicyThatPassesForOursIsDeletedWhoeverHoldsItBack() {
        api.answer("PATCH", POLICY_ITSELF, 200, policy());
        api.answer("DELETE", POLICY_ITSELF, 200, policy());

        applier.clear("team-a", "deny", "uid-1");

        assertThat(api.sent().body().get(1))
                .isEqualTo(json("{\"op\":\"add\",\"path\":\"/metadata/finalizers\",\"value\":[]}"));
        assertThat(api.sent().body().path("preconditions")).isEqualTo(json("{\"uid\":\"uid-1\"}"));
    }

    @Test
    void theAccountHasNoTokenAndNothingElse() {
        api.answer("PATCH", ACCOUNT, 201, Map.of());

        applier.ensureAccount("team-a", "corral-plugin", Map.of("app.kubernetes.io/managed-by", "corral"));

        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("PATCH " + ACCOUNT);
        assertThat(sent.mediaType()).isEqualTo(APPLY);
        assertThat(sent.body()).isEqualTo(json("""
                {"apiVersion":"v1","kind":"ServiceAccount","automountServiceAccountToken":false,
                 "metadata":{"name":"corral-plugin","namespace":"team-a","labels":{"app.kubernetes.io/managed-by":"corral"}}}"""));
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 429, 500, 503})
    void withoutItsPolicyNothingGoesOn(int code) {
        api.refuse("PATCH", POLICY, code);
        assertThatThrownBy(() -> applier.apply(policy())).isInstanceOf(KubernetesClientException.class);
        api.refuse("PATCH", ACCOUNT, code);
        assertThatThrownBy(() -> applier.ensureAccount("team-a", "corral-plugin", Map.of()))
                .isInstanceOf(KubernetesClientException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 422})
    void whoRefusesAPolicyOrTheAccountIsQuoted(int code) {
        api.refuse("PATCH", POLICY, code);
        assertThat(applier.apply(policy())).isInstanceOf(Laying.Refused.class);
        api.refuse("PATCH", ACCOUNT, code);
        assertThat(applier.ensureAccount("team-a", "corral-plugin", Map.of())).isPresent();
    }

    /** For as long as it does not answer. */
    @Test
    void aWebhookThatDoesNotAnswerRefuses() {
        Status failure = failure(500, "Internal error occurred: failed calling webhook \"a.example.org\": timeout");
        api.answer("PATCH", POLICY, 500, failure);
        assertThat(applier.apply(policy()))
                .isInstanceOfSatisfying(
                        Laying.Refused.class,
                        refused -> assertThat(refused.words()).contains("a.example.org"));
        api.answer("POST", PODS, 500, failure);
        assertThat(applier.create(pod(null))).isInstanceOf(Creation.Refused.class);
    }

    private static Status failure(int code, String message) {
        return new StatusBuilder()
                .withStatus("Failure")
                .withCode(code)
                .withMessage(message)
                .build();
    }

    // ---- pods

    @Test
    void aPodIsCreatedUnderItsNameAndNeverApplied() {
        api.answer("POST", PODS, 201, pod("uid-1"));

        assertThat(applier.create(pod(null))).isEqualTo(new Creation.Made(pod("uid-1")));

        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("POST " + PODS);
        assertThat(sent.mediaType()).isEqualTo("application/json");
        assertThat(sent.body().at("/metadata/name").asText()).isEqualTo("pex-1");
    }

    @Test
    void whoHoldsThePodsNameAlreadyIsReadLive() {
        api.refuse("POST", PODS, 409);
        api.answer("GET", POD, 200, pod("uid-of-somebody"));

        assertThat(applier.create(pod(null))).isEqualTo(new Creation.Found(pod("uid-of-somebody")));

        api.sent();
        assertThat(api.sent().line()).isEqualTo("GET " + POD);
    }

    @Test
    void aNameThatIsFreeAgainIsTriedAgain() {
        api.refuse("POST", PODS, 409);
        api.refuse("GET", POD, 404);
        assertThatThrownBy(() -> applier.create(pod(null))).isInstanceOf(KubernetesClientException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 422})
    void aRefusedPodIsAValueWithTheServersWords(int code) {
        api.refuse("POST", PODS, code);
        assertThat(applier.create(pod(null))).isEqualTo(new Creation.Refused("told to"));
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 504})
    void whetherThePodWasCreatedIsOpenThenAndTheRoundEnds(int code) {
        api.refuse("POST", PODS, code);
        assertThatThrownBy(() -> applier.create(pod(null))).isInstanceOf(KubernetesClientException.class);
    }

    // ---- deletions

    @Test
    void aDeletionIsOfTheVeryObjectInWhateverVersion() {
        api.answer("DELETE", POD, 200, pod("uid-1"));

        applier.delete(Pod.class, "team-a", "pex-1", "uid-1");

        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("DELETE " + POD);
        assertThat(sent.body().path("preconditions")).isEqualTo(json("{\"uid\":\"uid-1\"}"));
    }

    @Test
    void anExecutionIsDeletedTheSameWay() {
        var path = "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginexecutions/check";
        api.answer("DELETE", path, 200, execution());

        applier.delete(PluginExecution.class, "team-a", "check", "uid-2");

        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("DELETE " + path);
        assertThat(sent.body().path("preconditions")).isEqualTo(json("{\"uid\":\"uid-2\"}"));
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410, 409})
    void whatIsGoneOrAnotherByNowNeedsNoDeletion(int code) {
        api.refuse("DELETE", POD, code);
        applier.delete(Pod.class, "team-a", "pex-1", "uid-1");
        assertThat(api.requests()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 422, 500})
    void aDeletionThatIsNotTakenIsTriedAgain(int code) {
        api.refuse("DELETE", POD, code);
        assertThatThrownBy(() -> applier.delete(Pod.class, "team-a", "pex-1", "uid-1"))
                .isInstanceOf(KubernetesClientException.class);
    }

    // ---- the new owner of a pod

    @Test
    void aPodChangesHandsIfItStillIsThePoolsAndNothingElseOfIt() {
        api.answer("PATCH", POD, 200, pod("uid-1"));

        assertThat(adopted()).isTrue();

        assertThat(api.requests()).as("nothing of it is read first").isEqualTo(1);
        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("PATCH " + POD);
        assertThat(sent.mediaType()).isEqualTo("application/json-patch+json");
        var body = sent.body();
        assertThat(body.get(0)).isEqualTo(json("{\"op\":\"test\",\"path\":\"/metadata/uid\",\"value\":\"uid-1\"}"));
        assertThat(body.get(1))
                .isEqualTo(
                        json("{\"op\":\"test\",\"path\":\"/metadata/ownerReferences/0/uid\",\"value\":\"uid-pool\"}"));
        assertThat(body.get(2).path("path").asText()).isEqualTo("/metadata/ownerReferences");
        assertThat(body.get(2).at("/value/0/uid").asText()).isEqualTo("uid-2");
    }

    /** 422: the pod is the pool's no more, or an admission policy refused. */
    @ParameterizedTest
    @ValueSource(ints = {403, 404, 409, 422})
    void thatAPodDidNotChangeHandsIsSaid(int code) {
        api.refuse("PATCH", POD, code);
        assertThat(adopted()).isFalse();
        assertThat(api.requests()).isEqualTo(1);
    }

    private boolean adopted() {
        return applier.adopt("team-a", "pex-1", "uid-1", "uid-pool", new RunIdentity("team-a", "check", "uid-2", 1));
    }

    private static StatusDraft claimed() {
        PluginExecution execution = execution();
        return new StatusDraft(execution, Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2026-01-01T00:00:00Z"))
                .attempt(new Attempt(1, "pex-1", "uid-1", "s", "2026-01-01T00:00:00Z", null));
    }

    private static NetworkPolicy policy() {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName("deny")
                .withNamespace("team-a")
                .addToLabels("app.kubernetes.io/managed-by", "corral")
                .endMetadata()
                .withNewSpec()
                .withNewPodSelector()
                .addToMatchLabels("corral.dev/plugin-pod", "true")
                .endPodSelector()
                .withPolicyTypes("Ingress", "Egress")
                .endSpec()
                .build();
    }

    private static NetworkPolicy widened() {
        return new NetworkPolicyBuilder(policy())
                .editMetadata()
                .withUid("uid-1")
                .addNewOwnerReference()
                .withKind("ConfigMap")
                .withName("theirs")
                .endOwnerReference()
                .endMetadata()
                .editSpec()
                .addNewEgress()
                .endEgress()
                .endSpec()
                .build();
    }

    private static Pod pod(String uid) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("pex-1")
                .withNamespace("team-a")
                .withUid(uid)
                .withResourceVersion(uid == null ? null : "7")
                .endMetadata()
                .build();
    }
}
