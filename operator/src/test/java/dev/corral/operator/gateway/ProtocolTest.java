package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ArtifactDeclaration;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.AssignedLimits;
import dev.corral.api.v1alpha1.ConfigMapKey;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.StagedFile;
import dev.corral.operator.decide.Sealed;
import dev.corral.operator.schema.CanonicalJson;
import dev.corral.operator.status.PlainText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples in docs/protocol, which the launcher's tests read too. */
class ProtocolTest {
    private static final String SESSION = "s0123456789abcdef";
    /** That of assignment.json. */
    private static final String UID = "5a0e3c1e-7d1f-4a56-9d0e-0c5b8f7a2b11";

    private static final byte[] KEY = new byte[32];

    static {
        IntStream.range(0, KEY.length).forEach(i -> KEY[i] = (byte) i);
    }

    @Test
    void theAssignmentIsWhatTheLauncherReads(@TempDir Path folder) throws IOException {
        var execution = Fixtures.execution("check-x7k2p");
        execution.getMetadata().setUid("5a0e3c1e-7d1f-4a56-9d0e-0c5b8f7a2b11");
        var spec = execution.getSpec();
        execution.setSpec(new PluginExecutionSpec(
                spec.plugin(),
                spec.handler(),
                spec.input(),
                null,
                List.of(new EnvVariable("CHECK_DEPTH", "2", null)),
                List.of(new StagedFile("rules.yaml", new ConfigMapKey("check-settings", "rules.yaml"), null, null)),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
        var decided = new DecidedAssignment(
                List.of("/app/check", "--all"),
                List.of("CHECK_DEPTH"),
                null,
                null,
                null,
                List.of(new ArtifactDeclaration("report", "report.json", "application/json", "7d")),
                List.of("check.*@v1"),
                List.of("api.example.org:443"),
                null,
                new AssignedLimits(90_000L, 5_000L, 134_217_728L, 67_108_864L, 64, 33_554_432L, 100, 30_000L),
                null);
        var claimed = Fixtures.with(execution, status -> Fixtures.claim(status, 1, "pod-uid", SESSION, decided));

        var run = BoundRun.of(claimed, new SessionId("pod-uid", SESSION)).orElseThrow();
        var cluster = new FakeCluster();
        cluster.configMaps.put("team-a/check-settings/rules.yaml", "depth: 2\n");
        var store = new ArtifactStore(folder, 1_000, InstantSource.system());
        var sources = new Sources(cluster, new Executions(), store, InstantSource.system());
        var delivery = new Assignments(cluster, sources).build(run);

        assertThat(delivery).isInstanceOf(Delivery.Work.class);
        assertThat(Json.parse(((Delivery.Work) delivery).assignment())).contains(document("assignment.json"));
    }

    @Test
    void theReportIsUnderstoodWhole() throws IOException {
        var report = Reports.read((ObjectNode) document("report.json")).orElseThrow();

        assertThat(report.reason()).isEqualTo("HandlerReturned");
        assertThat(report.result()).isEqualTo(document("report.json").path("result"));
        assertThat(report.artifacts()).hasSize(1);
        assertThat(report.artifacts().getFirst().size()).isEqualTo(4821);
        assertThat(report.metrics().memoryPeakBytes()).isEqualTo(24_117_248L);
        assertThat(report.timings().collectedMillis()).isEqualTo(1850L);
        assertThat(report.events().emitted()).isEqualTo(3);

        var failed = Reports.read((ObjectNode) document("report-failed.json")).orElseThrow();
        assertThat(failed.reason()).isEqualTo("TimedOut");
        assertThat(failed.signal()).isEqualTo(9);
        assertThat(failed.artifacts().get(1).problem()).isEqualTo("symbolic links are not followed");
        assertThat(failed.logTail()).isEqualTo("checking\nstill checking\n");
    }

    /** A document the launcher takes and the gateway cannot read costs the run its report, or the events that came along. */
    @Test
    void whatTheLauncherTakesOfAHandlerIsReadAndWritten() throws IOException {
        var taken = TakenDocuments.all();
        assertThat(taken).hasSizeGreaterThan(10);
        for (var document : taken) {
            var report = ("{\"result\":" + document + "}").getBytes(StandardCharsets.UTF_8);
            assertThat(Json.parseSparse(report).map(Json::bytes))
                    .as("%.60s", document)
                    .isPresent();
        }
    }

    /** As a launcher of an earlier release may report it. */
    @Test
    void aResultThatNoStatusCanHoldIsAProblemOfTheResult() throws IOException {
        var report = (ObjectNode) document("report.json");
        report.set("result", Json.object().set("a", Json.object().put("n".repeat(501), 1)));
        var read = Reports.read(report).orElseThrow();
        assertThat(read.result()).isNull();
        assertThat(read.resultProblem()).isEqualTo("the result has a name of more than 500 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-failed"})
    void theSealedReportIsTheReportWithoutTheLog(String kind) throws IOException {
        var sealed = text("sealed-report" + kind + ".txt");
        var plain = (ObjectNode) document("report" + kind + ".json");
        plain.remove("logTail");

        assertThat(SealedReport.open(sealed, SESSION, KEY))
                .contains(new Sealed(UID, Reports.read(plain).orElseThrow().saidBy(SESSION, null, null)));
    }

    @Test
    void whateverIsChangedInASealedReportMakesItNothing() throws IOException {
        var sealed = text("sealed-report.txt").strip();
        var otherKey = Arrays.copyOf(KEY, 32);
        otherKey[31] ^= 1;
        assertThat(SealedReport.open(sealed, SESSION, otherKey)).isEmpty();
        assertThat(SealedReport.open(sealed, "s0123456789abcdee", KEY)).isEmpty();
        assertThat(SealedReport.open(sealed.replace(UID, "another"), SESSION, KEY))
                .as("of whoever claims the pod next")
                .isEmpty();
        for (var i = 0; i < sealed.length(); i++) {
            var changed = new StringBuilder(sealed);
            changed.setCharAt(i, sealed.charAt(i) == 'A' ? 'B' : 'A');
            assertThat(SealedReport.open(changed.toString(), SESSION, KEY))
                    .as("byte " + i)
                    .isEmpty();
        }
        Stream.of("", "corral1", sealed + sealed, "x" + sealed, sealed.replace("corral1", "corral2"), "a".repeat(5000))
                .forEach(text -> assertThat(SealedReport.open(text, SESSION, KEY))
                        .as(text)
                        .isEmpty());
    }

    @Test
    void controllerAndGatewayHashAnInputAlike() {
        for (var input : List.of(
                "{'b':1,'a':{'d':[1,2.50,1e21],'c':null}}",
                "[]",
                "'é\\u2028\\u0001'",
                "123456789012345678901234567890",
                "-0.0",
                "true")) {
            var document = Fixtures.json(input);
            assertThat(Digests.sha256(Json.canonical(document))).as(input).isEqualTo(CanonicalJson.hash(document));
        }
    }

    @Test
    void theEvidenceFitsIntoAConditionAsItIs() throws IOException {
        var evidence = document("evidence.json");
        assertThat(Json.cleaned(evidence, text -> PlainText.line(text, 256))).isEqualTo(evidence);
    }

    /** A state that the schema promises and nobody writes is waited for in vain. */
    @Test
    void theStatesOfAnArtifactAreThoseThatAreWritten() throws ReflectiveOperationException {
        var stopped = new ArtifactStatus("report", null, null, null, null, "Ready", null, null).quarantined();
        var described = ArtifactStatus.class
                .getMethod("state")
                .getAnnotation(JsonPropertyDescription.class)
                .value();
        assertThat(Pattern.compile("\\b[A-Z][a-z]+\\b")
                        .matcher(described)
                        .results()
                        .map(MatchResult::group))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(Reports.ARTIFACT_STATES.stream(), Stream.of(stopped.state()))
                                .toList());
    }

    private static JsonNode document(String name) throws IOException {
        return Json.parse(Files.readAllBytes(TakenDocuments.folder().resolve(name)))
                .orElseThrow();
    }

    private static String text(String name) throws IOException {
        return Files.readString(TakenDocuments.folder().resolve(name));
    }
}
