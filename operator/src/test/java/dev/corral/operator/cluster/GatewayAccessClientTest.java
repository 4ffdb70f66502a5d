package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.corral.api.v1alpha1.EventTotals;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.gateway.Caller;
import dev.corral.operator.gateway.ClusterUnavailable;
import dev.corral.operator.gateway.GatewayCluster.ExecutionListener;
import dev.corral.operator.status.StatusDraft;
import dev.corral.operator.tls.CertificateAuthority;
import dev.corral.operator.tls.Material;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.api.model.WatchEvent;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exact verb, path, media type, field manager and body; and what each answer of the API server means. */
class GatewayAccessClientTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EXECUTION = "/apis/corral.dev/v1alpha1/namespaces/team-a/pluginexecutions/check";
    private static final String PLUGIN_PODS = "/api/v1/pods?%slabelSelector=corral.dev%%2Fplugin-pod%%3Dtrue&limit=25";
    private static final String STATUS = EXECUTION + "/status?fieldManager=corral-gateway&force=true";

    private KubernetesMockServer server;
    private KubernetesClient client;
    private GatewayAccess access;

    @BeforeEach
    void start() {
        server = new KubernetesMockServer(false);
        server.init();
        client = server.createClient();
        access = new GatewayAccess(client, "corral-system");
    }

    @AfterEach
    void stop() {
        client.close();
        server.destroy();
    }

    @Test
    void aTokenIsReviewedForOneAudienceAndMustHaveIt() throws Exception {
        reviewed(true, List.of("corral-gateway"));
        reviewed(true, List.of("https://kubernetes.default.svc"));
        reviewed(false, List.of("corral-gateway"));

        var caller = access.authenticate("abc", "corral-gateway").orElseThrow();
        assertThat(caller.username()).isEqualTo("system:serviceaccount:team-a:corral-plugin");
        assertThat(caller.extra()).containsEntry("authentication.kubernetes.io/pod-uid", List.of("uid-1"));
        assertThat(lastBody().path("spec"))
                .isEqualTo(JSON.readTree("{\"audiences\":[\"corral-gateway\"],\"token\":\"abc\"}"));
        assertThat(access.authenticate("abc", "corral-gateway")).isEmpty();
        assertThat(access.authenticate("abc", "corral-gateway")).isEmpty();
    }

    @Test
    void theReadersRightIsAskedForExactlyOneExecution() throws Exception {
        server.expect()
                .post()
                .withPath("/apis/authorization.k8s.io/v1/subjectaccessreviews")
                .andReturn(
                        201,
                        new SubjectAccessReviewBuilder()
                                .withNewStatus()
                                .withAllowed(true)
                                .endStatus()
                                .build())
                .once();

        var alice = new Caller("alice", "u-1", List.of("readers"), Map.of("scope", List.of("x")));
        assertThat(access.mayReadArtifacts(alice, "team-a", "check")).isTrue();
        assertThat(lastBody().path("spec")).isEqualTo(JSON.readTree("""
                                {"user":"alice","uid":"u-1","groups":["readers"],"extra":{"scope":["x"]},
                                 "resourceAttributes":{"verb":"get","group":"corral.dev","resource":"pluginexecutions",
                                  "subresource":"artifacts","namespace":"team-a","name":"check"}}
                                """));
    }

    @Test
    void aConditionIsMergedIntoTheVeryPodThatWasRead() throws Exception {
        server.expect()
                .patch()
                .withPath("/api/v1/namespaces/team-a/pods/pod-1/status")
                .andReturn(200, pod())
                .once();
        server.expect()
                .patch()
                .withPath("/api/v1/namespaces/team-a/pods/pod-1/status")
                .andReturn(409, failure(409))
                .once();
        var condition = new PodConditionBuilder()
                .withType("corral.dev/SandboxVerified")
                .withStatus("False")
                .withReason("SentinelReachable")
                .build();

        assertThat(access.setCondition(pod(), condition)).isTrue();
        var request = server.getLastRequest();
        assertThat(request.getHeader("Content-Type")).startsWith("application/strategic-merge-patch+json");
        var body = JSON.readTree(request.getBody().readUtf8());
        assertThat(body.path("metadata").path("resourceVersion").asText()).isEqualTo("7");
        assertThat(body.path("metadata").path("uid").asText()).isEqualTo("uid-1");
        assertThat(body.path("status"))
                .isEqualTo(
                        JSON.readTree(
                                "{\"conditions\":[{\"type\":\"corral.dev/SandboxVerified\",\"status\":\"False\",\"reason\":\"SentinelReachable\"}]}"));
        assertThat(body.has("spec")).isFalse();
        assertThat(access.setCondition(pod(), condition)).isFalse();
    }

    /** After a restart every launcher asks for its pod: one list, in pages, answers all of them. */
    @Test
    void pluginPodsAreListedOnceForAllWhoAsk() throws Exception {
        pods("", "next", pluginPod("pod-1", "uid-1"));
        pods("continue=next&", null, pluginPod("pod-2", "uid-2"), pluginPod("pod-3", "uid-3"));
        for (var name : List.of("pod-1", "pod-2", "pod-3")) {
            server.expect()
                    .get()
                    .withPath("/api/v1/namespaces/team-a/pods/" + name)
                    .andReturn(200, pluginPod(name, name.equals("pod-3") ? "of-another" : name.replace("pod", "uid")))
                    .always();
        }

        assertThat(access.pluginPod("uid-1").orElseThrow().getMetadata().getName())
                .isEqualTo("pod-1");
        assertThat(access.pluginPod("uid-2").orElseThrow().getMetadata().getName())
                .isEqualTo("pod-2");
        assertThat(access.pluginPod("uid-3")).as("its name is another's by now").isEmpty();
        assertThat(server.getRequestCount()).as("two pages and three pods").isEqualTo(5);
    }

    /** A list that failed, or was there before the question, says of nobody that it is gone. */
    @Test
    void whoIsNotInTheListIsListedFor() throws Exception {
        client.getConfiguration().setRequestRetryBackoffLimit(0);
        server.expect()
                .get()
                .withPath(PLUGIN_PODS.formatted(""))
                .andReturn(503, failure(503))
                .once();
        assertThatThrownBy(() -> access.pluginPod("uid-1")).isInstanceOf(ClusterUnavailable.class);
        pods("", null);
        assertThat(access.pluginPod("uid-1")).isEmpty();
        pods("", null, pluginPod("pod-1", "uid-1"));
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/team-a/pods/pod-1")
                .andReturn(200, pluginPod("pod-1", "uid-1"))
                .always();
        assertThat(access.pluginPod("uid-1")).isPresent();
    }

    private void pods(String query, String next, Pod... pods) {
        server.expect()
                .get()
                .withPath(PLUGIN_PODS.formatted(query))
                .andReturn(
                        200,
                        new PodListBuilder()
                                .withNewMetadata()
                                .withContinue(next)
                                .endMetadata()
                                .withItems(pods)
                                .build())
                .once();
    }

    private static Pod pluginPod(String name, String uid) {
        return new PodBuilder(pod())
                .editMetadata()
                .withName(name)
                .withUid(uid)
                .endMetadata()
                .build();
    }

    @Test
    void aReportIsAppliedToTheVeryExecutionThatWasRead() throws Exception {
        server.expect().patch().withPath(STATUS).andReturn(200, execution()).once();
        server.expect().patch().withPath(STATUS).andReturn(409, failure(409)).once();
        server.expect().patch().withPath(STATUS).andReturn(404, failure(404)).once();
        server.expect().patch().withPath(STATUS).andReturn(503, failure(503)).always();
        var report = new RunReport(
                1,
                "s",
                "hash",
                null,
                "HandlerReturned",
                0,
                0,
                "",
                JSON.readTree("{\"broken\":0}"),
                "",
                List.of(),
                0,
                new EventTotals(1, 1, 0, 0),
                null,
                null,
                "",
                null,
                null,
                true);

        assertThat(access.applyReport(execution(), report)).isTrue();
        var request = server.getLastRequest();
        assertThat(request.getHeader("Content-Type")).startsWith("application/apply-patch+yaml");
        var body = JSON.readTree(request.getBody().readUtf8());
        assertThat(body.path("metadata").path("resourceVersion").asText()).isEqualTo("9");
        assertThat(body.path("metadata").path("uid").asText()).isEqualTo("uid-2");
        assertThat(body.path("status").path("report").path("reason").asText()).isEqualTo("HandlerReturned");
        assertThat(body.path("status").path("result")).isEqualTo(JSON.readTree("{\"broken\":0}"));
        assertThat(body.path("status").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("result", "artifacts", "events", "report");
        assertThat(body.path("spec").isEmpty()).isTrue();

        assertThat(access.applyReport(execution(), report)).isFalse();
        assertThat(access.applyReport(execution(), report)).isFalse();
        client.getConfiguration().setRequestRetryBackoffLimit(0);
        assertThatThrownBy(() -> access.applyReport(execution(), report)).isInstanceOf(ClusterUnavailable.class);
    }

    @Test
    void anEventThatIsThereAlreadyIsAsGoodAndARefusedOneIsNot() {
        var path = "/apis/events.k8s.io/v1/namespaces/team-a/events";
        var event = new EventBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName("corral-1")
                .endMetadata()
                .build();
        server.expect().post().withPath(path).andReturn(201, event).once();
        server.expect().post().withPath(path).andReturn(409, failure(409)).once();
        server.expect().post().withPath(path).andReturn(403, failure(403)).once();

        assertThat(access.publish(event)).isTrue();
        assertThat(access.publish(event)).isTrue();
        assertThat(access.publish(event)).isFalse();
    }

    @Test
    void theGatewaysOwnSecretsAreThereWholeOrNotYet() {
        var material = new CertificateAuthority("corral-system", new SecureRandom())
                .renew(Material.Existing.nothing(), Instant.parse("2026-01-01T00:00:00Z"));
        assertThat(access.servingMaterial()).isEmpty();
        secrets(material.servingSecret(), Map.of("master", "short"));
        assertThat(access.servingMaterial()).isEmpty();
        secrets(Map.of("tls.crt", "x"), material.sessionSecret());
        assertThat(access.servingMaterial()).isEmpty();
        secrets(material.servingSecret(), material.sessionSecret());

        var serving = access.servingMaterial().orElseThrow();

        assertThat(serving.certificate()).isEqualTo(material.serving().certificate());
        assertThat(HexFormat.of().formatHex(serving.master())).isEqualTo(material.sessionKey());
    }

    @Test
    void everyExecutionIsToldBeforeTheWatchReturns() {
        var one = execution();
        one.getMetadata().setName("one");
        var two = execution();
        two.getMetadata().setName("two");
        watched(new WatchEvent(two, "DELETED"), one, two);
        var told = Collections.synchronizedList(new ArrayList<String>());

        access.watch(new ExecutionListener() {
            @Override
            public void changed(PluginExecution execution) {
                // slower than the list, so that returning early would show
                LockSupport.parkNanos(20_000_000);
                told.add(execution.getMetadata().getName() + execution.getSpec().handler());
            }

            @Override
            public void gone(String namespace, String name, String uid) {
                told.add("gone " + namespace + " " + name + " " + uid);
            }
        });

        assertThat(told).startsWith("onecheck", "twocheck");
        await().untilAsserted(() -> assertThat(told).contains("gone team-a two uid-2"));
        assertThat(access.watching()).isTrue();
    }

    /** What another installation has is not there: its launchers find no assignment here, its readers no artifact. */
    @Test
    void anExecutionThatAnotherInstallationHasIsGone() {
        var ours = had("ours", "corral-system");
        var taken = had("ours", "corral-two");
        taken.getMetadata().setResourceVersion("99");
        var unclaimed = execution();
        unclaimed.getMetadata().setName("unclaimed");
        watched(new WatchEvent(taken, "MODIFIED"), ours, unclaimed, had("theirs", "corral-two"));
        var told = Collections.synchronizedList(new ArrayList<String>());

        access.watch(new ExecutionListener() {
            @Override
            public void changed(PluginExecution execution) {
                told.add("changed " + execution.getMetadata().getName());
            }

            @Override
            public void gone(String namespace, String name, String uid) {
                told.add("gone " + name);
            }
        });

        await().untilAsserted(() -> assertThat(told)
                .containsExactlyInAnyOrder("changed ours", "changed unclaimed", "gone theirs", "gone ours"));
    }

    private PluginExecution had(String name, String installation) {
        var execution = execution();
        execution.getMetadata().setName(name);
        execution.setStatus(new StatusDraft(execution, Instant.EPOCH, Instant.EPOCH)
                .by(installation)
                .build());
        return execution;
    }

    /** The list of all executions, and what the watch tells after it. */
    private void watched(WatchEvent event, PluginExecution... executions) {
        server.expect()
                .get()
                .withPath("/apis/corral.dev/v1alpha1/pluginexecutions?limit=25")
                .andReturn(200, list(executions))
                .always();
        server.expect()
                .get()
                .withPath(
                        "/apis/corral.dev/v1alpha1/pluginexecutions?allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=600&watch=true")
                .andUpgradeToWebSocket()
                .open()
                .immediately()
                .andEmit(event)
                .done()
                .always();
    }

    private Map<String, Object> list(PluginExecution... executions) {
        return Map.of(
                "apiVersion",
                "corral.dev/v1alpha1",
                "kind",
                "PluginExecutionList",
                "metadata",
                Map.of("resourceVersion", "1"),
                "items",
                List.of(executions));
    }

    private void reviewed(boolean authenticated, List<String> audiences) {
        server.expect()
                .post()
                .withPath("/apis/authentication.k8s.io/v1/tokenreviews")
                .andReturn(
                        201,
                        new TokenReviewBuilder()
                                .withNewStatus()
                                .withAuthenticated(authenticated)
                                .withAudiences(audiences)
                                .withNewUser()
                                .withUsername("system:serviceaccount:team-a:corral-plugin")
                                .addToExtra("authentication.kubernetes.io/pod-uid", List.of("uid-1"))
                                .endUser()
                                .endStatus()
                                .build())
                .once();
    }

    private void secrets(Map<String, String> serving, Map<String, String> session) {
        secret("corral-gateway-tls", serving);
        secret("corral-session-key", session);
    }

    private void secret(String name, Map<String, String> data) {
        var encoded = new TreeMap<String, String>();
        data.forEach((key, value) ->
                encoded.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/corral-system/secrets/" + name)
                .andReturn(200, new SecretBuilder().withData(encoded).build())
                .once();
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName("pod-1")
                .withUid("uid-1")
                .withResourceVersion("7")
                .endMetadata()
                .build();
    }

    private static PluginExecution execution() {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team-a")
                .withName("check")
                .withUid("uid-2")
                .withResourceVersion("9")
                .build());
        execution.setSpec(new PluginExecutionSpec(
                null, "check", null, null, null, null, null, null, null, null, null, null, null, null, null));
        return execution;
    }

    private static Object failure(int code) {
        return new StatusBuilder().withCode(code).withMessage("told to").build();
    }

    private JsonNode lastBody() throws Exception {
        return JSON.readTree(server.getLastRequest().getBody().readUtf8());
    }
}
