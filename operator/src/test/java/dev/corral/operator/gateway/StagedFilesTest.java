package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.gateway.GatewayFixture.Launcher;
import dev.corral.operator.schema.SchemaCheck;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run gets from elsewhere: exactly the decided bytes, by its own session, or the reason why there is nothing. */
class StagedFilesTest {
    private static final String RULES = "depth: 2\n";
    private static final String REPORT = "{\"depth\":2}";
    private static final String TAKES = "[{name: before.json, artifact: {execution: before, artifact: report}}]";

    @TempDir
    Path directory;

    private GatewayFixture gateway;
    private Launcher launcher;

    @BeforeEach
    void start() throws Exception {
        gateway = GatewayFixture.impatient(directory);
        launcher = gateway.launcher("pod-1").opened();
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    @Test
    void aConfigMapKeyIsAnnouncedByItsDigestAndHandedToItsRunOnly() {
        gateway.cluster.configMaps.put("team-a/check-settings/rules.yaml", RULES);
        var execution =
                claimed("files: [{name: rules.yaml, configMapKey: {name: check-settings, key: rules.yaml}}]", "");

        var file = launcher.get("/v1/assignment").json().path("files").path(0);
        assertThat(file.path("name").asText()).isEqualTo("rules.yaml");
        assertThat(file.path("size").asInt()).isEqualTo(RULES.length());
        assertThat(file.path("sha256").asText()).isEqualTo(sha256(RULES));
        assertThat(launcher.get("/v1/files/rules.yaml").text()).isEqualTo(RULES);

        var stranger = gateway.launcher("pod-2").opened();
        assertThat(stranger.get("/v1/files/rules.yaml").code()).isEqualTo("NotBound");
        assertThat(gateway.call("GET", "/v1/files/rules.yaml", "", "").status()).isEqualTo(401);
        for (var path : new String[] {"other", "", "..", "%2e%2e", "rules.yaml/..", "check-settings/rules.yaml"}) {
            assertThat(launcher.get("/v1/files/" + path).status()).as(path).isEqualTo(404);
        }

        launcher.ask("POST", "/v1/started", "{}");
        launcher.ask("POST", "/v1/report", "{'attempt':1,'reason':'HandlerReturned','artifacts':[]}");
        assertThat(gateway.report(execution, launcher).files()).singleElement().satisfies(staged -> {
            assertThat(staged.name()).isEqualTo("rules.yaml");
            assertThat(staged.sha256()).isEqualTo(sha256(RULES));
        });
        assertThat(Serialization.asJson(gateway.cluster.now(execution).getStatus()))
                .as("the bytes are in no status")
                .doesNotContain("depth");
    }

    @Test
    void theConnectionOfAFileTakesTheNextRequestAtOnce() {
        gateway.cluster.configMaps.put("team-a/check-settings/rules.yaml", RULES);
        claimed("files: [{name: rules.yaml, configMapKey: {name: check-settings, key: rules.yaml}}]", "");
        launcher.get("/v1/assignment");

        for (var i = 0; i < 500; i++) { // which of the two is faster is chance
            assertThat(launcher.get("/v1/files/rules.yaml").text()).isEqualTo(RULES);
            assertThat(launcher.ask("POST", "/v1/started", "{}").status()).isEqualTo(204);
        }
    }

    @Test
    void aDirectoryOfAClaimIsNotTheGatewaysToDeliver() {
        gateway.cluster.configMaps.put("team-a/check-settings/rules.yaml", RULES);
        claimed(
                "files: [{name: pages, claim: {name: datasets}}, {name: rules.yaml, configMapKey: {name: check-settings, key: rules.yaml}}]",
                "");

        assertThat(launcher.get("/v1/assignment").json().path("files"))
                .singleElement()
                .satisfies(file -> assertThat(file.path("name").asText()).isEqualTo("rules.yaml"));
        assertThat(launcher.get("/v1/files/pages").status()).isEqualTo(404);
    }

    @Test
    void whatIsNotThereIsReportedForTheLauncher() {
        var execution =
                claimed("files: [{name: rules.yaml, configMapKey: {name: check-settings, key: rules.yaml}}]", "");

        assertThat(launcher.get("/v1/assignment").code()).isEqualTo("InputUnavailable");
        assertThat(gateway.report(execution, launcher).reason()).isEqualTo("InputUnavailable");
        assertThat(gateway.report(execution, launcher).message()).contains("rules.yaml", "check-settings");
    }

    @Test
    void filesLargerThanTheDiskAreNotDelivered() {
        gateway.cluster.configMaps.put("team-a/check-settings/rules.yaml", "x".repeat(2_000));
        var execution = claimed(
                "files: [{name: rules.yaml, configMapKey: {name: check-settings, key: rules.yaml}}]",
                "limits: {diskBytes: 1999}");

        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(410);
        assertThat(gateway.report(execution, launcher).message()).contains("2000 bytes", "limits.disk");
    }

    @Test
    void anArtifactIsDeliveredWithTheDecidedBytes() {
        produced();
        claimed("files: " + TAKES, "files: [{name: before.json, sha256: %s, size: 11}]".formatted(sha256(REPORT)));

        assertThat(launcher.get("/v1/assignment").json().at("/files/0/sha256").asText())
                .isEqualTo(sha256(REPORT));
        assertThat(launcher.get("/v1/files/before.json").text()).isEqualTo(REPORT);
    }

    @Test
    void anArtifactWithOtherBytesThanDecidedIsNotDelivered() {
        produced();
        var other = "files: [{name: before.json, sha256: %s, size: 11}]".formatted(sha256("{}"));
        var execution = claimed("files: " + TAKES, other);

        assertThat(launcher.get("/v1/assignment").code()).isEqualTo("InputUnavailable");
        assertThat(gateway.report(execution, launcher).message()).contains("before.json");
    }

    @Test
    void anArtifactNobodyDecidedOnIsNotDelivered() {
        produced();
        claimed("files: " + TAKES, "");

        assertThat(launcher.get("/v1/assignment").code()).isEqualTo("InputUnavailable");
        assertThat(launcher.get("/v1/files/before.json").code()).isIn("InputUnavailable", "NotBound");
    }

    @Test
    void anArtifactThatExpiredOrWhoseExecutionIsGoneIsNotDelivered() {
        var producer = produced();
        var decided = "files: [{name: before.json, sha256: %s, size: 11}]".formatted(sha256(REPORT));
        claimed("files: " + TAKES, decided);
        gateway.cluster.pretendGone(producer);
        assertThat(launcher.get("/v1/files/before.json").status()).isEqualTo(410);
        gateway.cluster.put(gateway.cluster.now(producer));
        assertThat(launcher.get("/v1/files/before.json").status()).isEqualTo(200);

        gateway.clock.advance(Duration.ofDays(8));
        assertThat(launcher.get("/v1/files/before.json").status()).isEqualTo(410);
    }

    @Test
    void anInputFromAnArtifactIsTheArtifact() {
        produced();
        claimed("inputFrom: {artifact: {execution: before, artifact: report}}", "inputDigest: " + sha256(REPORT));
        assertThat(launcher.get("/v1/assignment").json().path("input")).isEqualTo(Fixtures.json(REPORT));

        var second = gateway.launcher("pod-2").opened();
        claimed(
                second,
                "other",
                "inputFrom: {artifact: {execution: before, artifact: report}}",
                "inputDigest: " + sha256("{}"));
        assertThat(second.get("/v1/assignment").code()).isEqualTo("InputUnavailable");
    }

    @Test
    void anInputFromElsewhereMustMatchTheSchemaThatWasDecided() {
        gateway.cluster.configMaps.put("team-a/inputs/links", "{\"depth\": \"two\", \"token\": \"hunter2\"}");
        var plugin = Serialization.unmarshal(
                "# yaml\n{image: x, handlers: [{name: check, command: [x], input: {properties: {depth: {type: integer}}}}]}",
                PluginSpec.class);
        gateway.cluster.plugins.put("ClusterPlugin links", plugin);
        var schema = SchemaCheck.hash(plugin.handlers().getFirst().input());
        var from = "inputFrom: {configMapKey: {name: inputs, key: links}}";

        var execution = claimed(from, "inputSchema: " + schema);
        assertThat(launcher.get("/v1/assignment").code()).isEqualTo("InputInvalid");
        assertThat(gateway.report(execution, launcher).reason()).isEqualTo("InputInvalid");
        assertThat(gateway.report(execution, launcher).message())
                .contains("input.depth", "integer")
                .as("the value stays where it is")
                .doesNotContain("two", "hunter2");

        var second = gateway.launcher("pod-2").opened();
        gateway.cluster.configMaps.put("team-a/inputs/links", "{\"depth\": 2}");
        claimed(second, "good", from, "inputSchema: " + schema);
        assertThat(second.get("/v1/assignment").status()).isEqualTo(200);

        var third = gateway.launcher("pod-3").opened();
        var changed = claimed(third, "changed", from, "inputSchema: " + "0".repeat(64));
        assertThat(third.get("/v1/assignment").code()).isEqualTo("InputUnavailable");
        assertThat(gateway.report(changed, third).message()).contains("the plugin has changed");
    }

    /** An execution {@code before} that left a report, as it is when it has ended. */
    private PluginExecution produced() {
        var maker = gateway.launcher("maker").opened();
        var producer = Fixtures.execution("before");
        gateway.claim(producer, maker, 1);
        assertThat(maker.put("report", REPORT.getBytes(StandardCharsets.UTF_8)).status())
                .isEqualTo(201);
        maker.ask(
                "POST",
                "/v1/report",
                "{'attempt':1,'reason':'HandlerReturned','artifacts':[{'name':'report','state':'Ready'}]}");
        gateway.cluster.update(producer, status -> Fixtures.ended(status, status.artifacts()));
        return producer;
    }

    private PluginExecution claimed(String spec, String assignment) {
        return claimed(launcher, "check", spec, assignment);
    }

    private PluginExecution claimed(Launcher by, String name, String spec, String assignment) {
        var execution = Serialization.unmarshal(
                """
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {namespace: team-a, name: %s, uid: %s}
                spec:
                  plugin: {clusterName: links}
                  handler: check
                  %s
                status:
                  plugin: {kind: ClusterPlugin, name: links}
                  attempt: {number: 1, pod: pod, podUID: %s, session: %s, claimTime: "2026-01-01T00:00:00Z"}
                  assignment:
                    command: [/app/check]
                    %s
                    %s
                """.formatted(
                                name,
                                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)),
                                spec,
                                by.uid(),
                                by.session,
                                assignment.contains("limits") ? "env: []" : "limits: {diskBytes: 100000}",
                                assignment.isEmpty() ? "produce: []" : assignment),
                PluginExecution.class);
        gateway.cluster.put(execution);
        return execution;
    }

    private static String sha256(String text) {
        return Digests.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
