package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.gateway.GatewayFixture.Launcher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a watched run's record: a proposal in the status and in the store – of a run that was decided to be watched. */
class LessonsTest {
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
    void theRecordOfAWatchedRunBecomesAProposalInStatusAndStore() throws Exception {
        var execution = watched(List.of("network.peers app=cache:6379"));
        assertThat(reported("""
                {'connect':['203.0.113.7:443/tcp','10.244.0.9:6379/tcp'],'read':['/etc/passwd'],'topics':['check.done@v1']}
                """)).isEqualTo(204);

        var report = gateway.report(execution, launcher);
        var learned = report.learned();
        assertThat(learned.proposal())
                .contains(
                        "\"203.0.113.7/32:443\"",
                        "\"app=cache:6379\"",
                        "\"check.done@v1\"",
                        "\"CHECK_DEPTH\"",
                        "/etc/passwd")
                .contains("10.244.0.9:6379/tcp was tried too");
        assertThat(learned.complete()).isFalse();
        assertThat(learned.addresses()).isEqualTo(2);
        assertThat(report.artifacts()).extracting("name", "state").contains(tuple(Lessons.ARTIFACT, "Ready"));
        var key = new ArtifactKey(execution.getMetadata().getUid(), 1, Lessons.ARTIFACT);
        try (var stored = gateway.store().open(key).orElseThrow()) {
            assertThat(new String(stored.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(learned.proposal());
        }
    }

    @Test
    void theRecordOfARunThatWasNotToBeWatchedCountsForNothing() {
        var execution = watched(null);
        assertThat(reported("{'read':['/etc/passwd']}")).isEqualTo(204);

        assertThat(gateway.report(execution, launcher).learned()).isNull();
    }

    @Test
    void aHostileRecordIsBoundedAndHarmless() {
        var execution = watched(List.of("network.peers", "nonsense", "network.services ../x"));
        var many = new StringBuilder(
                "{'connect':['::::/tcp','x/','/','[]:1/tcp','1.2.3.4:99999/tcp',7,null],'memoryBytes':1e99,'unreadable':-5,'read':[7,'x',{}");
        for (var i = 0; i < 3000; i++) {
            many.append(",'/d").append(i % 300).append("/\\u001b[31m").append(i).append("'");
        }
        assertThat(reported(many.append("]}").toString())).isEqualTo(204);

        var learned = gateway.report(execution, launcher).learned();
        assertThat(learned.read()).isEqualTo(1024);
        assertThat(learned.proposal()).doesNotContain("\u001b").hasSizeLessThanOrEqualTo(6144);
    }

    private PluginExecution watched(List<String> keeps) {
        var usual = Fixtures.ASSIGNMENT;
        var execution = Fixtures.execution("check");
        gateway.claim(
                execution,
                launcher,
                1,
                new DecidedAssignment(
                        usual.command(),
                        usual.env(),
                        null,
                        null,
                        null,
                        usual.artifacts(),
                        usual.produce(),
                        null,
                        null,
                        usual.limits(),
                        keeps));
        return execution;
    }

    private int reported(String learned) {
        var report = (ObjectNode) Fixtures.json("{'attempt':1,'reason':'HandlerReturned','exitCode':0,'artifacts':[]}");
        report.set("learned", Fixtures.json(learned));
        return launcher.ask("POST", "/v1/report", report.toString()).status();
    }
}
