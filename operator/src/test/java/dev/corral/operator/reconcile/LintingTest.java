package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.ClusterPluginPolicySpec;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.PluginStatus;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.Clients;
import dev.corral.operator.spec.Slim;
import dev.corral.operator.spec.Unread;
import dev.corral.operator.status.Kstatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LintingTest {
    private static final Instant NOW = Instant.parse("2026-11-30T04:00:00Z");

    private final KubernetesMockServer server = new KubernetesMockServer(false);
    private final KubernetesClient client;

    LintingTest() {
        server.init();
        try (var plain = server.createClient()) {
            client = Clients.with(plain.getConfiguration());
        }
    }

    @AfterEach
    void stop() {
        client.close();
        server.destroy();
    }

    private Linting linting(Function<String, Optional<Boolean>> serves) {
        return new Linting(new Applier(client), () -> NOW, serves);
    }

    private Linting ours() {
        return linting(namespace -> Optional.of(true));
    }

    private static Plugin plugin(String namespace) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: Plugin
                metadata: {name: links, namespace: %s, uid: u, generation: 3}
                spec: {image: registry.example.org/links, handlers: [{name: main, command: [/bin/true]}]}
                """.formatted(namespace), Plugin.class);
    }

    private void accepts(String path) {
        server.expect().patch().withPath(path).andReturn(200, "{}").once();
    }

    private static final String WRITTEN =
            "/apis/corral.dev/v1alpha1/namespaces/docs/plugins/links/status?fieldManager=corral-controller&force=true";

    @Test
    void whatIsFoundIsWrittenBeforeTheLookEnds() throws Exception {
        accepts(WRITTEN);

        var control = ours().plugins().reconcile(plugin("docs"), null);

        assertThat(control.isNoUpdate()).as("nothing is left to the SDK").isTrue();
        var written = new ObjectMapper()
                .readTree(server.takeRequest(5, TimeUnit.SECONDS).getBody().readUtf8());
        assertThat(written.at("/metadata/uid").asText()).isEqualTo("u");
        assertThat(written.at("/status/observedGeneration").asInt()).isEqualTo(3);
        assertThat(written.at("/status/conditions/0/type").asText()).isEqualTo("Ready");
        assertThat(written.at("/status/conditions/0/status").asText()).isEqualTo("True");
        assertThat(written.has("spec")).isFalse();
    }

    @Test
    void aSchemaThatNoInputCouldBeCheckedAgainstIsSaidOfThePlugin() throws Exception {
        accepts(WRITTEN);
        var plugin = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: Plugin
                metadata: {name: links, namespace: docs, uid: u, generation: 3}
                spec:
                  image: registry.example.org/links
                  handlers: [{name: main, command: [/bin/true], input: {pattern: "(a)\\\\1"}, output: {$ref: "#"}}]
                """, Plugin.class);

        ours().plugins().reconcile(plugin, null);

        assertThat(server.takeRequest(5, TimeUnit.SECONDS).getBody().readUtf8())
                .contains(
                        "\"status\":\"False\"",
                        "spec.handlers[0].input: ",
                        "is none that RE2 knows",
                        "spec.handlers[0].output: ");
    }

    @Test
    void whoWaitsForReadinessIsToldThatSomebodyMustChangeIt() throws Exception {
        accepts(WRITTEN);
        var plugin = plugin("docs");
        ours().plugins().reconcile(plugin, null);
        assertThat(Kstatus.of(written(3))).isEqualTo("Current");

        accepts(WRITTEN);
        plugin.setSpec(Serialization.unmarshal("""
                image: registry.example.org/links
                handlers: [{name: main, command: [/bin/true], output: {$ref: "#"}}]
                """, PluginSpec.class));
        ours().plugins().reconcile(plugin, null);
        assertThat(Kstatus.of(written(3))).isEqualTo("Failed");

        var status =
                "/apis/corral.dev/v1alpha1/clusterpluginpolicies/short/status?fieldManager=corral-controller&force=true";
        accepts(status);
        ours().new ClusterPolicies().reconcile(policy("2026-11-30T03:50:00Z"), null);
        assertThat(Kstatus.of(written(1))).as("expired").isEqualTo("Failed");
    }

    private JsonNode written(long generation) throws Exception {
        var written = (ObjectNode) new ObjectMapper()
                .readTree(server.takeRequest(5, TimeUnit.SECONDS).getBody().readUtf8());
        ((ObjectNode) written.get("metadata")).put("generation", generation);
        return written;
    }

    @Test
    void aPolicyOnTrialDoesNotSayThatItCounts() throws Exception {
        var inNamespace = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginPolicy
                metadata: {name: trial, namespace: docs, uid: p, generation: 1}
                spec: {mode: Audit, denies: {env: [LANG]}}
                """, PluginPolicy.class);
        accepts(
                "/apis/corral.dev/v1alpha1/namespaces/docs/pluginpolicies/trial/status?fieldManager=corral-controller&force=true");
        ours().policies().reconcile(inNamespace, null);
        assertThat(written(1).at("/status/conditions/0/message").asText())
                .isEqualTo("can be used; in Audit: it grants and refuses nothing, executions say what it would refuse");

        var inCluster = policy("2026-11-30T05:00:00Z");
        inCluster.setSpec(Serialization.unmarshal("""
                mode: Audit
                denies: {env: [LANG]}
                """, ClusterPluginPolicySpec.class));
        accepts(
                "/apis/corral.dev/v1alpha1/clusterpluginpolicies/short/status?fieldManager=corral-controller&force=true");
        ours().new ClusterPolicies().reconcile(inCluster, null);
        assertThat(written(1).at("/status/conditions/0/message").asText()).contains("in Audit");
    }

    @Test
    void whatIsSaidAlreadyIsNotSaidAgain() throws Exception {
        var linter = ours().plugins();
        var plugin = plugin("docs");
        plugin.setStatus(Serialization.unmarshal("""
                observedGeneration: 3
                conditions:
                  - {type: Ready, status: "True", reason: Valid, message: can be used, observedGeneration: 3, lastTransitionTime: "2026-11-30T03:00:00Z"}
                  - {type: Stalled, status: "False", reason: Valid, message: "", observedGeneration: 3, lastTransitionTime: "2026-11-30T03:00:00Z"}
                """, PluginStatus.class));

        linter.reconcile(plugin, null);

        assertThat(server.getRequestCount()).isZero();
    }

    @Test
    void ofALargePluginTheWholeIsRead() throws Exception {
        accepts(WRITTEN);
        var large = plugin("docs");
        large.getMetadata().setAnnotations(Map.of("a", "x".repeat(20_000)));
        server.expect()
                .get()
                .withPath("/apis/corral.dev/v1alpha1/namespaces/docs/plugins/links")
                .andReturn(200, large)
                .once();

        ours().plugins().reconcile(Slim.of(large), null);

        server.takeRequest(5, TimeUnit.SECONDS);
        var written = server.takeRequest(5, TimeUnit.SECONDS);
        assertThat(written.getPath()).isEqualTo(WRITTEN);
        assertThat(written.getBody().readUtf8()).contains("\"status\":\"True\"");
    }

    @Test
    void ofAPluginWithTooMuchInItsSchemasItIsSaidWhichOne() throws Exception {
        accepts(WRITTEN);
        var large = plugin("docs");
        large.getMetadata().setAnnotations(Map.of("a", "x".repeat(20_000)));
        server.expect()
                .get()
                .withPath("/apis/corral.dev/v1alpha1/namespaces/docs/plugins/links")
                .andReturn(200, """
                        {"apiVersion":"corral.dev/v1alpha1","kind":"Plugin","metadata":{"name":"links","namespace":"docs","uid":"u"},
                         "spec":{"handlers":[{"command":["/bin/true"],"input":{"type":"object"},"name":"main","output":{"enum":[%s{}]}}],
                                 "image":"registry.example.org/links"}}
                        """.formatted("{},".repeat(100_000)))
                .once();

        ours().plugins().reconcile(Slim.of(large), null);

        server.takeRequest(5, TimeUnit.SECONDS);
        assertThat(server.takeRequest(5, TimeUnit.SECONDS).getBody().readUtf8())
                .contains("\"status\":\"False\"", "spec.handlers[0].output: cannot be used as a schema", Unread.WORDS)
                .doesNotContain("spec.handlers[0].input");
    }

    @Test
    void ofAPluginThatCannotBeReadItIsSaid() throws Exception {
        accepts(WRITTEN);
        var unreadable = plugin("docs");
        unreadable.setSpec(null);

        ours().plugins().reconcile(unreadable, null);

        assertThat(server.takeRequest(5, TimeUnit.SECONDS).getBody().readUtf8())
                .contains("\"status\":\"False\"", "spec: is missing or cannot be read");
    }

    @Test
    void aPolicyThatIsTooLargeIsNotRead() throws Exception {
        var written =
                "/apis/corral.dev/v1alpha1/namespaces/docs/pluginpolicies/long/status?fieldManager=corral-controller&force=true";
        accepts(written);
        var large = Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginPolicy
                metadata: {name: long, namespace: docs, uid: p, generation: 1}
                spec: {denies: {env: [%s]}}
                """.formatted("X".repeat(70_000)), PluginPolicy.class);

        ours().policies().reconcile(Slim.of(large), null);

        var request = server.takeRequest(5, TimeUnit.SECONDS);
        assertThat(request.getPath()).isEqualTo(written);
        assertThat(request.getBody().readUtf8()).contains("\"reason\":\"Malformed\"", "64 KiB");
    }

    @Test
    void ofWhatAnotherInstallationServesNothingIsSaid() throws Exception {
        var theirs = linting(namespace -> Optional.of(false)).plugins();
        var unknown = linting(namespace -> Optional.empty()).plugins();

        assertThat(theirs.reconcile(plugin("docs"), null).getScheduleDelay())
                .contains(Duration.ofMinutes(5).toMillis());
        assertThat(unknown.reconcile(plugin("docs"), null).getScheduleDelay()).contains(300L);
        assertThat(server.getRequestCount()).isZero();
    }

    @Test
    void aPolicyThatExpiresIsLookedAtThen() {
        server.expect()
                .patch()
                .withPath(
                        "/apis/corral.dev/v1alpha1/clusterpluginpolicies/short/status?fieldManager=corral-controller&force=true")
                .andReturn(200, "{}")
                .always();
        var linter = ours().new ClusterPolicies();

        assertThat(linter.reconcile(policy("2026-11-30T04:10:00Z"), null).getScheduleDelay())
                .contains(Duration.ofMinutes(10).toMillis());
        assertThat(linter.reconcile(policy("2026-11-30T03:50:00Z"), null).getScheduleDelay())
                .as("as long as any")
                .contains(Duration.ofMinutes(15).toMillis());
        assertThat(server.getRequestCount()).isEqualTo(2);
    }

    private static ClusterPluginPolicy policy(String expires) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: ClusterPluginPolicy
                metadata: {name: short, uid: p, generation: 1}
                spec: {expires: "%s", grant: {env: [LANG]}}
                """.formatted(expires), ClusterPluginPolicy.class);
    }

    @Test
    void oneOfANamespaceIsLookedAtAtATime() throws Exception {
        var first = new CompletableFuture<Void>();
        var inside = new CompletableFuture<Void>();
        var linter = linting(namespace -> {
            if (namespace.equals("crowded")) {
                inside.complete(null);
                first.join();
            }
            return Optional.of(false);
        })
        .new Policies();
        linter.prepareEventSources(new EventSourceContext<>(emptyCache(), null, null, PluginPolicy.class))
                .forEach(source -> source.setEventHandler(woken -> {}));
        var looks = CompletableFuture.supplyAsync(() -> look(linter, "crowded"));
        inside.get(5, TimeUnit.SECONDS);

        assertThat(look(linter, "crowded").getScheduleDelay()).as("turned away").contains(30_000L);
        assertThat(look(linter, "calm").getScheduleDelay())
                .contains(Duration.ofMinutes(5).toMillis());

        first.complete(null);
        assertThat(looks.get(5, TimeUnit.SECONDS).getScheduleDelay())
                .contains(Duration.ofMinutes(5).toMillis());
    }

    @SuppressWarnings("unchecked")
    private static IndexerResourceCache<PluginPolicy> emptyCache() {
        return (IndexerResourceCache<PluginPolicy>) Proxy.newProxyInstance(
                LintingTest.class.getClassLoader(),
                new Class<?>[] {IndexerResourceCache.class},
                (cache, method, arguments) -> Optional.empty());
    }

    private static UpdateControl<PluginPolicy> look(Reconciler<PluginPolicy> linter, String namespace) {
        var policy = new PluginPolicy();
        policy.getMetadata().setName("p");
        policy.getMetadata().setNamespace(namespace);
        try {
            return linter.reconcile(policy, null);
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
