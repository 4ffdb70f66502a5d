package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a cluster serves is asked again and again, and whatever the answer, the asking goes on. What is not prepared is answered by 404. */
class ForeignPoliciesClientTest {
    private static final String GROUPS = """
            {"groups": [
              {"name": "networking.k8s.io", "versions": [{"groupVersion": "networking.k8s.io/v1", "version": "v1"}]},
              {"name": "cilium.io", "versions": [
                {"groupVersion": "cilium.io/v3", "version": "v3"}, {"groupVersion": "cilium.io/v2", "version": "v2"}]}]}
            """;
    private static final String CILIUM = resources("CiliumNetworkPolicy", "ciliumnetworkpolicies");

    private KubernetesMockServer server;
    private KubernetesClient client;
    private ForeignPolicies policies;

    @BeforeEach
    void serve() {
        server = new KubernetesMockServer(false);
        server.init();
        client = server.createClient();
        client.getConfiguration().setRequestRetryBackoffLimit(0);
        policies = new ForeignPolicies(client, Duration.ofMillis(50), FirstList.STANDARD);
        holds("/apis/networking.k8s.io/v1/networkpolicies", "NetworkPolicy");
        holds("/apis/cilium.io/v2/ciliumnetworkpolicies", "CiliumNetworkPolicy");
    }

    @AfterEach
    void stop() {
        policies.close();
        client.close();
        server.destroy();
    }

    @Test
    void aKindIsWatchedOnceItsApiAnswers() {
        always("/apis", GROUPS);
        always("/apis/networking.k8s.io/v1", resources("NetworkPolicy", "networkpolicies"));

        policies.start(namespace -> {});
        found("NetworkPolicy");

        always("/apis/cilium.io/v2", CILIUM);
        found("NetworkPolicy", "CiliumNetworkPolicy");
    }

    @Test
    void aKindIsWatchedOnThoughItsApiAnswersNoMore() {
        always("/apis", GROUPS);
        always("/apis/networking.k8s.io/v1", resources("NetworkPolicy", "networkpolicies"));
        once("/apis/cilium.io/v2", 200, CILIUM);

        policies.start(namespace -> {});
        looksOn();

        found("NetworkPolicy", "CiliumNetworkPolicy");
    }

    @Test
    void theLookGoesOnWhateverIsAnsweredAndWhateverIsThrown() {
        once("/apis", 200, GROUPS);
        once("/apis", 404, "");
        once("/apis", 200, "[");
        always("/apis", GROUPS);
        always("/apis/networking.k8s.io/v1", resources("NetworkPolicy", "networkpolicies"));
        once("/apis/cilium.io/v2", 404, "");
        once("/apis/cilium.io/v2", 200, "{\"resources\": [{\"kind\": \"Nameless\"}]}");
        always("/apis/cilium.io/v2", CILIUM);
        var heard = new AtomicInteger();

        policies.start(namespace -> {
            heard.incrementAndGet();
            throw new IllegalStateException("told to");
        });
        found("NetworkPolicy", "CiliumNetworkPolicy");

        await().untilAsserted(() -> assertThat(heard).hasPositiveValue());
        looksOn();
    }

    @Test
    void withoutKubernetesOwnPoliciesItDoesNotStart() {
        always("/apis", GROUPS);

        assertThatThrownBy(() -> policies.start(namespace -> {}))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessage("nothing found at /apis/networking.k8s.io/v1");
    }

    private void found(String... kinds) {
        await().untilAsserted(() -> assertThat(policies.concerning("team-a"))
                .extracting(GenericKubernetesResource::getKind)
                .containsExactlyInAnyOrder(kinds));
    }

    /** A look is four requests: the groups, and three versions. */
    private void looksOn() {
        int asked = server.getRequestCount();
        await().until(() -> server.getRequestCount() > asked + 8);
    }

    /** One policy of that kind, and a watch that tells nothing. */
    private void holds(String path, String kind) {
        always(path + "?limit=25", """
                {"metadata": {"resourceVersion": "1"}, "items": [
                  {"apiVersion": "x/v1", "kind": "%s", "metadata": {"name": "x", "namespace": "team-a", "resourceVersion": "1"}}]}
                """.formatted(kind));
        server.expect()
                .get()
                .withPath(path + "?allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=600&watch=true")
                .andUpgradeToWebSocket()
                .open()
                .done()
                .always();
    }

    private void always(String path, String answer) {
        server.expect().get().withPath(path).andReturn(200, answer).always();
    }

    private void once(String path, int code, String answer) {
        server.expect().get().withPath(path).andReturn(code, answer).once();
    }

    private static String resources(String kind, String plural) {
        return "{\"resources\": [{\"name\": \"%s\", \"kind\": \"%s\", \"namespaced\": true}]}".formatted(plural, kind);
    }
}
