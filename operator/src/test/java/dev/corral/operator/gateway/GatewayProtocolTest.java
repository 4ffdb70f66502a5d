package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole of docs/protocol.md over TLS, and what happens when the gateway is another one in the middle of it. */
class GatewayProtocolTest {
    private static final String EVIDENCE =
            "{'evidence':{'launcher':'0.1.0','uid':10001,'kernel':'6.18.5\\u001b[31m','sentinel':{'reachable':false,'answer':'timeout','millis':300,'attempts':1}}}";
    private static final String REPORT = """
            {"attempt":1,"reason":"HandlerReturned","exitCode":0,"signal":0,"message":"",
             "result":{"broken":0},"resultProblem":"",
             "artifacts":[{"name":"report","sha256":"%s","size":4,"type":"application/json","state":"Ready","problem":""}],
             "undeclared":0,"events":{"emitted":1,"denied":0,"dropped":0},
             "metrics":{"wallMillis":1840,"cpuMillis":410,"memoryPeakBytes":24117248},
             "timings":{"startedMillis":2,"finishedMillis":1842,"collectedMillis":1850},"logTail":""}
            """.formatted("0".repeat(64));

    @TempDir
    Path directory;

    private GatewayFixture gateway;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(directory);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    /** Step 0: no restart; steps 1 to 8: a new gateway process before that step. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8})
    void aRunGoesThroughWhereverTheGatewayIsRestarted(int restartBefore) throws Exception {
        var launcher = gateway.launcher("pod-1").opened();

        before(1, restartBefore);
        assertThat(launcher.ask("POST", "/v1/ready", EVIDENCE).status()).isEqualTo(204);
        var condition = gateway.cluster
                .pods
                .get("team-a/pod-1")
                .getStatus()
                .getConditions()
                .getFirst();
        assertThat(condition.getStatus()).isEqualTo("True");
        assertThat(condition.getReason()).isEqualTo("Proven");
        var message = Fixtures.json(condition.getMessage());
        assertThat(message.path("session").asText()).isEqualTo(launcher.session);
        assertThat(message.path("sentinelSawPod").booleanValue()).isFalse();
        assertThat(message.path("evidence").path("kernel").asText()).isEqualTo("6.18.5");

        before(2, restartBefore);
        var waiting = launcher.laterGet("/v1/assignment");
        var execution = gateway.claim(Fixtures.execution("check-x7k2p"), launcher, 1);
        assertThat(waiting.join().status()).isEqualTo(200);
        before(3, restartBefore);
        var assignment = launcher.get("/v1/assignment").json();
        assertThat(assignment).isEqualTo(waiting.join().json());
        assertThat(assignment.path("executionUID").asText())
                .isEqualTo(execution.getMetadata().getUid());
        assertThat(assignment.path("env")).isEqualTo(Fixtures.json("[{'name':'CHECK_DEPTH','value':'$(HOME)'}]"));

        before(4, restartBefore);
        assertThat(launcher.ask("POST", "/v1/started", "{}").status()).isEqualTo(204);
        assertThat(gateway.cluster.now(execution).getStatus().report().started())
                .isTrue();

        before(5, restartBefore);
        var events = "{'events':[{'seq':1,'topic':'check.done@v1','message':'3 links broken','data':{'n':3}}]}";
        assertThat(launcher.ask("POST", "/v1/events", events).json())
                .isEqualTo(Fixtures.json("{'published':1,'dropped':0,'denied':0,'duplicate':0}"));

        before(6, restartBefore);
        var stored = launcher.put("report", "{ } ".getBytes(StandardCharsets.UTF_8));
        assertThat(stored.status()).isEqualTo(201);
        assertThat(stored.json().path("size").asInt()).isEqualTo(4);

        before(7, restartBefore);
        assertThat(launcher.ask("POST", "/v1/report", REPORT).status()).isEqualTo(204);
        var writes = gateway.cluster.reportWrites.size();
        before(8, restartBefore);
        assertThat(launcher.ask("POST", "/v1/report", REPORT).status()).isEqualTo(204);

        assertThat(gateway.cluster.reportWrites).hasSize(writes);
        var report = gateway.report(execution, launcher);
        assertThat(report.started()).isTrue();
        assertThat(report.session()).isEqualTo(launcher.session);
        assertThat(report.inputHash())
                .isEqualTo(Digests.sha256("{\"url\":\"https://docs.example.org/\"}".getBytes(StandardCharsets.UTF_8)));
        assertThat(report.result()).isEqualTo(Fixtures.json("{'broken':0}"));
        assertThat(report.events().published()).isEqualTo(1);
        assertThat(report.artifacts()).hasSize(1);
        assertThat(report.artifacts().getFirst().sha256())
                .isEqualTo(stored.json().path("sha256").asText());
        assertThat(report.artifacts().getFirst().uri()).isEqualTo("corral://team-a/check-x7k2p/report");
        assertThat(gateway.cluster.events).hasSize(1);
    }

    private void before(int step, int restartBefore) throws Exception {
        if (step == restartBefore) {
            gateway.restart();
        }
    }
}
