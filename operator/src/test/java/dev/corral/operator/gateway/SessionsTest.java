package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionsTest {
    @TempDir
    Path directory;

    private GatewayFixture gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = GatewayFixture.impatient(directory);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aPodHasOneSessionEverAlsoAcrossARestart() throws Exception {
        var launcher = gateway.launcher("pod-1").opened();
        assertThat(conditions("pod-1")).isEmpty();
        assertThat(launcher.open().code()).isEqualTo("SessionExists");

        launcher.ask("POST", "/v1/ready", evidence(false, 1));

        assertThat(condition("pod-1").getStatus()).isEqualTo("True");
        assertThat(Fixtures.json(condition("pod-1").getMessage())
                        .path("session")
                        .asText())
                .isEqualTo(launcher.session);
        assertThat(launcher.open().code()).isEqualTo("SessionExists");
        gateway.restart();
        assertThat(launcher.open().code()).isEqualTo("SessionExists");
    }

    @Test
    void anAnswerThatWasLostIsGivenAgainToWhoShowsTheSameNonceAndToNobodyElse() throws Exception {
        gateway.launcher("pod-1");
        var first = session("token-pod-1", "a".repeat(64));

        assertThat(first.status()).isEqualTo(201);
        assertThat(session("token-pod-1", "a".repeat(64)).json()).isEqualTo(first.json());
        assertThat(session("token-pod-1", "b".repeat(64)).code()).isEqualTo("SessionExists");
        assertThat(session("token-pod-1").code()).isEqualTo("SessionExists");
        assertThat(session("token-pod-1", first.json().path("session").asText()).status())
                .isEqualTo(400);
        gateway.restart();
        assertThat(session("token-pod-1", "a".repeat(64)).json()).isEqualTo(first.json());
        assertThat(session("token-pod-1", "b".repeat(64)).code()).isEqualTo("SessionExists");

        assertThat(proven(first).status()).isEqualTo(204);

        assertThat(session("token-pod-1", "a".repeat(64)).json()).isEqualTo(first.json());
        assertThat(session("token-pod-1", "b".repeat(64)).code()).isEqualTo("SessionExists");
        assertThat(condition("pod-1").getMessage()).doesNotContain("a".repeat(64));
    }

    /** Who restarts forgets whose session was the first; that it is one remains. */
    @Test
    void ofTwoSessionsAroundARestartTheFirstToProveIsThePods() throws Exception {
        gateway.launcher("pod-1");
        var first = session("token-pod-1", "a".repeat(64));
        gateway.restart();
        var second = session("token-pod-1", "b".repeat(64));
        assertThat(second.status()).isEqualTo(201);

        assertThat(proven(first).status()).isEqualTo(204);

        assertThat(proven(second).code()).isEqualTo("BadSession");
        assertThat(session("token-pod-1", "b".repeat(64)).code()).isEqualTo("SessionExists");
        assertThat(Fixtures.json(condition("pod-1").getMessage()).path("session"))
                .isEqualTo(first.json().path("session"));
    }

    @Test
    void aProofThatCannotBeWrittenIsAskedForAgain() {
        var launcher = gateway.launcher("pod-1").opened();
        gateway.cluster.podWritesFail = true;

        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(503);

        gateway.cluster.podWritesFail = false;
        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(204);
        assertThat(condition("pod-1").getReason()).isEqualTo("Proven");
    }

    @Test
    void aPodThatChangesMeanwhileIsReadAgain() {
        var launcher = gateway.launcher("pod-1").opened();
        gateway.cluster.podConflicts.set(3);

        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(204);
        assertThat(condition("pod-1").getReason()).isEqualTo("Proven");
    }

    @Test
    void onlyTheTokenOfAPluginPodOpensASession() {
        var stranger = gateway.launcher("stranger").pod;
        gateway.cluster.put(new PodBuilder(stranger)
                .editMetadata()
                .withLabels(Map.of("app", "web"))
                .endMetadata()
                .build());
        assertThat(session("token-stranger").code()).isEqualTo("NotAPluginPod");

        var reborn = gateway.launcher("reborn").pod;
        gateway.cluster.put(new PodBuilder(reborn)
                .editMetadata()
                .withUid("00000000-0000-0000-0000-000000000000")
                .endMetadata()
                .build());
        assertThat(session("token-reborn").code()).isEqualTo("NotAPluginPod");

        var dying = gateway.launcher("dying").pod;
        gateway.cluster.put(new PodBuilder(dying)
                .editMetadata()
                .withDeletionTimestamp("2026-03-01T12:00:00Z")
                .endMetadata()
                .build());
        assertThat(session("token-dying").code()).isEqualTo("NotAPluginPod");

        gateway.cluster.tokens.put(
                "corral-gateway human", new Caller("alice", "", List.of("system:authenticated"), Map.of()));
        assertThat(session("human").status()).isEqualTo(403);

        gateway.launcher("other-audience");
        gateway.cluster.tokens.put(
                "corral-artifacts only-for-readers",
                gateway.cluster.tokens.remove("corral-gateway token-other-audience"));
        assertThat(session("only-for-readers").status()).isEqualTo(401);
        assertThat(session("forged").status()).isEqualTo(401);
        assertThat(gateway.call("POST", "/v1/session", "", "{}").status()).isEqualTo(401);
    }

    @Test
    void whoeverGuessesTokensIsSlowedDownBeforeTheApiServerIs() {
        for (var i = 0; i < 50; i++) {
            assertThat(session("guess").status()).isEqualTo(401);
        }
        assertThat(session("guess").code()).isEqualTo("Busy");
        assertThat(gateway.cluster.reviews.get()).isEqualTo(50);
        gateway.clock.advance(Duration.ofMillis(100));
        assertThat(session("guess").status()).isEqualTo(401);
    }

    /** Each handler has its launcher's address, and a tenant has as many as runs. */
    @Test
    void whoGuessesFromRunsOfOneNamespaceIsSlowedDownLikeOne() throws Exception {
        var one = gateway.launcher("pod-1").opened();
        gateway.claim(Fixtures.execution("one"), one, 1);
        assertThat(one.ask("POST", "/v1/started", "{}").status()).isEqualTo(204);
        var two = gateway.launcher("pod-2").opened();
        addressed("pod-2", "127.0.0.2");
        gateway.claim(Fixtures.execution("two"), two, 1);
        assertThat(fromElsewhere("/v1/started", two.authorization)).isEqualTo(204);
        while (session("guess").status() == 401) {
            assertThat(gateway.cluster.reviews.get()).isLessThan(100);
        }

        assertThat(fromElsewhere("/v1/session", "Bearer guess")).as("the first").isEqualTo(401);
        assertThat(fromElsewhere("/v1/session", "Bearer guess")).isEqualTo(503);
    }

    private int fromElsewhere(String path, String authorization) throws Exception {
        try (var elsewhere = HttpClient.newBuilder()
                .localAddress(InetAddress.ofLiteral("127.0.0.2"))
                .sslContext(GatewayFixture.trusting(GatewayFixture.MATERIAL.bundle()))
                .version(HttpClient.Version.HTTP_1_1)
                .build()) {
            var request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + gateway.server.launcherPort() + path))
                    .header("Authorization", authorization)
                    .POST(BodyPublishers.ofString("{}"))
                    .build();
            return elsewhere.send(request, BodyHandlers.discarding()).statusCode();
        }
    }

    @Test
    void nobodySpeaksWithoutExactlyTheirKey() {
        var one = gateway.launcher("pod-1").opened();
        var other = gateway.launcher("pod-2").opened();
        var key = one.authorization.substring(one.authorization.lastIndexOf('/') + 1);

        for (var forged : List.of(
                "",
                "Bearer token-pod-1",
                one.authorization.substring(0, one.authorization.length() - 64) + "0".repeat(64),
                one.authorization.substring(0, one.authorization.length() - 2),
                "Corral " + other.uid() + "/" + one.session + "/" + key,
                "Corral " + one.uid() + "/" + other.session + "/" + key,
                "Corral " + one.uid() + "/" + one.session + "/" + key.toUpperCase(),
                "corral " + one.uid() + "/" + one.session + "/" + key)) {
            for (var path : List.of("GET /v1/assignment", "GET /v1/control", "POST /v1/report", "POST /v1/events")) {
                var method = path.split(" ");
                assertThat(gateway.call(method[0], method[1], forged, method[0].equals("GET") ? "" : "{}")
                                .status())
                        .as(path + " with " + forged)
                        .isEqualTo(401);
            }
        }
    }

    @Test
    void whatTheSentinelSawCountsMoreThanWhatTheLauncherSays() throws Exception {
        var launcher = gateway.launcher("pod-1").opened();
        touchSentinel();

        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(204);

        assertThat(condition("pod-1").getStatus()).isEqualTo("False");
        assertThat(condition("pod-1").getReason()).isEqualTo("SentinelReachable");
        assertThat(sentinelSawPod()).isEqualTo(BooleanNode.TRUE);
    }

    /** Whoever had the address before reached port B; the kubelet has not written the address into the new pod yet. */
    @Test
    void whatAnOlderPodOfTheSameAddressDidDoesNotCount() throws Exception {
        touchSentinel();
        var launcher = gateway.launcher("pod-1");
        addressed("pod-1", null);
        launcher.opened();
        addressed("pod-1", "127.0.0.1");

        launcher.ask("POST", "/v1/ready", evidence(false, 1));

        assertThat(condition("pod-1").getReason()).isEqualTo("Proven");
        assertThat(sentinelSawPod()).isEqualTo(BooleanNode.FALSE);
    }

    /** Its node's, say: whoever reached port B from there may be any pod of that node. */
    @Test
    void whereAPodCallsFromAnAddressThatIsNotItsOwnNobodyElseSpoilsItsProof() throws Exception {
        var launcher = gateway.launcher("pod-1");
        addressed("pod-1", "10.1.2.3");
        launcher.opened();
        touchSentinel();

        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(204);

        assertThat(condition("pod-1").getReason()).isEqualTo("Proven");
        assertThat(sentinelSawPod().isMissingNode()).isTrue();
    }

    @Test
    void thereTheLaunchersWordThatThePortIsOpenCountsAllTheSame() {
        var launcher = gateway.launcher("pod-1");
        addressed("pod-1", "10.1.2.3");
        launcher.opened();

        launcher.ask("POST", "/v1/ready", evidence(true, 20));

        assertThat(condition("pod-1").getReason()).isEqualTo("SentinelReachable");
    }

    @Test
    void whoseAddressIsNotKnownYetIsNotProvenWhileItMayHaveReachedTheSentinel() throws Exception {
        var launcher = gateway.launcher("pod-1");
        addressed("pod-1", null);
        launcher.opened();
        touchSentinel();

        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).code()).isEqualTo("AddressUnknown");
        assertThat(conditions("pod-1")).isEmpty();

        addressed("pod-1", "127.0.0.1");
        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(204);
        assertThat(condition("pod-1").getReason()).isEqualTo("SentinelReachable");
    }

    /** A kubelet may take a second for it. */
    @Test
    void nobodyWaitsForAnAddressFromWhichNobodyReachedTheSentinel() {
        var launcher = gateway.launcher("pod-1");
        addressed("pod-1", null);
        launcher.opened();

        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(204);

        assertThat(condition("pod-1").getReason()).isEqualTo("Proven");
        assertThat(sentinelSawPod().isMissingNode()).isTrue();
    }

    /** The kubelet writes fd00::5 where Java has fd00:0:0:0:0:0:0:5. */
    @Test
    void anAddressIsThePodsOwnHoweverItIsWritten() throws Exception {
        var launcher = gateway.launcher("pod-1");
        addressed("pod-1", "::ffff:127.0.0.1");
        launcher.opened();
        touchSentinel();

        launcher.ask("POST", "/v1/ready", evidence(false, 1));

        assertThat(condition("pod-1").getReason()).isEqualTo("SentinelReachable");
    }

    @Test
    void aPolicyThatCameLateIsProvenByTheLastAttempt() throws Exception {
        var launcher = gateway.launcher("pod-1").opened();
        touchSentinel();
        touchSentinel();

        launcher.ask("POST", "/v1/ready", evidence(false, 3));

        assertThat(condition("pod-1").getReason()).isEqualTo("Proven");
    }

    @Test
    void aReachableSentinelIsNoProof() {
        var launcher = gateway.launcher("pod-1").opened();

        launcher.ask("POST", "/v1/ready", evidence(true, 20));

        assertThat(condition("pod-1").getReason()).isEqualTo("SentinelReachable");
    }

    @Test
    void theFirstProofStands() {
        var launcher = gateway.launcher("pod-1").opened();
        launcher.ask("POST", "/v1/ready", evidence(true, 20));

        assertThat(launcher.ask("POST", "/v1/ready", evidence(false, 1)).status())
                .isEqualTo(204);

        assertThat(condition("pod-1").getReason()).isEqualTo("SentinelReachable");
    }

    @Test
    void evidenceIsAnObjectThatSaysWhatTheSentinelAnsweredAndIsSmall() {
        var launcher = gateway.launcher("pod-1").opened();

        assertThat(launcher.ask("POST", "/v1/ready", "{}").status()).isEqualTo(400);
        assertThat(launcher.ask("POST", "/v1/ready", "{'evidence':[]}").status())
                .isEqualTo(400);
        assertThat(launcher.ask("POST", "/v1/ready", "{'evidence':{'uid':1}}").status())
                .isEqualTo(400);
        var large = Json.object();
        for (var i = 0; i < 100; i++) {
            large.put("field" + i, "x".repeat(256));
        }
        large.putObject("sentinel").put("reachable", false);
        var body = Json.object();
        body.set("evidence", large);
        assertThat(launcher.ask("POST", "/v1/ready", Json.compact(body)).status())
                .isEqualTo(413);
        assertThat(conditions("pod-1")).isEmpty();
    }

    @Test
    void anUnknownSessionIsAskedToWaitWhileTheGatewayIsYoung() throws Exception {
        var launcher = gateway.launcher("pod-1").opened();
        assertThat(launcher.ask("POST", "/v1/report", "{}").code()).isEqualTo("NotBound");

        gateway.restartJustNow();

        assertThat(launcher.ask("POST", "/v1/report", "{}").status()).isEqualTo(503);
        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(204);
        assertThat(launcher.get("/v1/control").status()).isEqualTo(204);
    }

    private GatewayFixture.Answer session(String token, String nonce) {
        return gateway.call(
                "POST", "/v1/session", "Bearer " + token, "{\"launcher\":\"0.1.0\",\"nonce\":\"" + nonce + "\"}");
    }

    private GatewayFixture.Answer session(String token) {
        return gateway.call("POST", "/v1/session", "Bearer " + token, "{\"launcher\":\"0.1.0\"}");
    }

    /** What the launcher of that session is told when it hands in a good proof. */
    private GatewayFixture.Answer proven(GatewayFixture.Answer opened) {
        var session = opened.json();
        var authorization = "Corral " + session.path("podUID").asText() + "/"
                + session.path("session").asText() + "/" + session.path("key").asText();
        return gateway.call(
                "POST", "/v1/ready", authorization, evidence(false, 1).replace('\'', '"'));
    }

    private PodCondition condition(String pod) {
        return conditions(pod).getFirst();
    }

    private JsonNode sentinelSawPod() {
        return Fixtures.json(condition("pod-1").getMessage()).path("sentinelSawPod");
    }

    /** What the kubelet writes of the pod's address, or has not written yet. */
    private void addressed(String pod, @Nullable String ip) {
        gateway.cluster.put(new PodBuilder(gateway.cluster.pods.get("team-a/" + pod))
                .editStatus()
                .withPodIP(ip)
                .endStatus()
                .build());
    }

    private List<PodCondition> conditions(String pod) {
        return gateway.cluster.pods.get("team-a/" + pod).getStatus().getConditions();
    }

    private static String evidence(boolean reachable, int attempts) {
        return "{'evidence':{'sentinel':{'reachable':" + reachable + ",'attempts':" + attempts + "}}}";
    }

    /** Returns when the sentinel has closed the connection, so it has seen it. */
    private void touchSentinel() throws Exception {
        try (var socket = new Socket("127.0.0.1", gateway.server.sentinelPort())) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }
}
