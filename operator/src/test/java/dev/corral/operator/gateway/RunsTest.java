package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.POJONode;
import dev.corral.api.v1alpha1.ConfigMapKey;
import dev.corral.api.v1alpha1.InputSource;
import dev.corral.operator.gateway.GatewayFixture.Launcher;
import dev.corral.operator.spec.Unread;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Assignment, control and report: what a session is told, and what it may say. */
class RunsTest {
    private static final InputSource FROM_CONFIG_MAP = new InputSource(new ConfigMapKey("inputs", "links"), null);

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
    void withoutAClaimThereIsNothingToDoAndNothingToSay() {
        gateway.cluster.put(Fixtures.execution("check"));

        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(204);
        assertThat(launcher.get("/v1/control").status()).isEqualTo(204);
        assertThat(launcher.ask("POST", "/v1/started", "{}").code()).isEqualTo("NotBound");
        assertThat(launcher.ask("POST", "/v1/events", "{'events':[]}").code()).isEqualTo("NotBound");
        assertThat(launcher.put("report", new byte[1]).code()).isEqualTo("NotBound");
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).code())
                .isEqualTo("NotBound");
    }

    @Test
    void aClaimIsForOneSessionOfOnePod() {
        var other = gateway.launcher("pod-2").opened();
        var execution = Fixtures.execution("check");
        gateway.claim(execution, launcher, 1);
        assertThat(other.get("/v1/assignment").status()).isEqualTo(204);
        assertThat(other.ask("POST", "/v1/report", report("HandlerReturned")).status())
                .isEqualTo(409);

        // the session of one, the pod of the other: nobody's
        gateway.cluster.update(
                execution, status -> Fixtures.claim(status, 1, other.uid(), launcher.session, Fixtures.ASSIGNMENT));
        assertThat(other.get("/v1/assignment").status()).isEqualTo(204);
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).status())
                .isEqualTo(409);
    }

    /** Two leaders at once can let two executions claim one pod: a claim locks the execution, not the pod. */
    @Test
    void twoClaimsOfOneSessionAreServedOnce() throws Exception {
        var first = gateway.claim(Fixtures.execution("first"), launcher, 1);
        var second = gateway.claim(Fixtures.execution("second"), launcher, 1);

        var assignment = launcher.get("/v1/assignment").json();
        assertThat(assignment.path("execution").asText()).isEqualTo("first");
        assertThat(launcher.get("/v1/assignment").json().path("execution").asText())
                .as("whoever was served stays served")
                .isEqualTo("first");
        gateway.worksOn = assignment.path("executionUID").asText();
        assertThat(launcher.ask("POST", "/v1/started", "{}").status()).isEqualTo(204);
        assertThat(gateway.report(first, launcher).started()).isTrue();

        gateway.cluster.delete(first);
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).code())
                .as("the session is nobody else's, also when its execution is gone")
                .isEqualTo("NotBound");
        assertThat(gateway.cluster
                        .execution("team-a", "second")
                        .orElseThrow()
                        .getStatus()
                        .report())
                .isNull();
        assertThat(second).isNotNull();
    }

    @Test
    void afterARestartTheLauncherSaysWhichOfTwoClaimsItServes() throws Exception {
        var first = gateway.claim(Fixtures.execution("a"), launcher, 1);
        var second = gateway.claim(Fixtures.execution("b"), launcher, 1);
        gateway.restart();

        gateway.worksOn = second.getMetadata().getUid();
        gateway.cluster.update(first, Fixtures::revoked);
        assertThat(launcher.get("/v1/control").status())
                .as("somebody else's order")
                .isEqualTo(204);
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).status())
                .isEqualTo(204);
        assertThat(gateway.report(second, launcher).reason()).isEqualTo("HandlerReturned");
    }

    @Test
    void inputComesFromAConfigMapIfTheExecutionSaysSo() {
        gateway.cluster.configMaps.put("team-a/inputs/links", " { \"b\" : 1, \"a\" : [ 2 ] } ");
        var execution = Fixtures.execution("check", null, FROM_CONFIG_MAP);
        gateway.claim(execution, launcher, 1);

        assertThat(launcher.get("/v1/assignment").json().path("input")).isEqualTo(Fixtures.json("{'b':1,'a':[2]}"));
        launcher.ask("POST", "/v1/started", "{}");
        assertThat(gateway.report(execution, launcher).inputHash())
                .isEqualTo(Digests.sha256("{\"a\":[2],\"b\":1}".getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anInputThatIsNotThereOrNotTheDecidedOneIsReportedForTheLauncher() {
        var execution = Fixtures.execution("check", null, FROM_CONFIG_MAP);
        gateway.claim(execution, launcher, 1);
        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(410);
        assertThat(gateway.report(execution, launcher).reason()).isEqualTo("InputUnavailable");
        assertThat(gateway.report(execution, launcher).message())
                .contains("inputs")
                .contains("links");

        var second = gateway.launcher("pod-2").opened();
        gateway.cluster.configMaps.put("team-a/inputs/links", "{\"changed\":true}");
        gateway.cluster.put(Fixtures.with(
                Fixtures.execution("other", null, FROM_CONFIG_MAP),
                status -> Fixtures.hashed(
                        Fixtures.claim(status, 1, second.uid(), second.session, Fixtures.ASSIGNMENT),
                        Digests.sha256("{}".getBytes(StandardCharsets.UTF_8)))));
        assertThat(second.get("/v1/assignment").code()).isEqualTo("InputUnavailable");

        // it stays so: the controller has read the report
        gateway.cluster.configMaps.put("team-a/inputs/links", "{}");
        assertThat(second.get("/v1/assignment").code()).isEqualTo("NeverAssigned");
    }

    @Test
    void anInputThatIsNoJsonOrTooLargeIsUnavailable() {
        var bad = List.of("{", "\"" + "x".repeat(300_000) + "\"", "[".repeat(200) + "]".repeat(200));
        for (var i = 0; i < bad.size(); i++) {
            var one = gateway.launcher("bad-" + i).opened();
            gateway.cluster.configMaps.put("team-a/inputs/links", bad.get(i));
            gateway.claim(Fixtures.execution("bad-" + i, null, FROM_CONFIG_MAP), one, 1);
            assertThat(one.get("/v1/assignment").code()).isEqualTo("InputUnavailable");
        }
    }

    /** An empty object is three bytes in a ConfigMap and eighty in the memory of whoever delivers it to all. */
    @Test
    void anInputFromElsewhereMayHaveAsManyValuesAsOneThatIsWrittenOut() {
        var most = "[" + "{},".repeat((Unread.MOST - 2) / 2 - 1) + "{}]";
        gateway.cluster.configMaps.put("team-a/inputs/links", most);
        gateway.claim(Fixtures.execution("most", null, FROM_CONFIG_MAP), launcher, 1);
        assertThat(launcher.get("/v1/assignment").json().path("input")).hasSize(Unread.MOST / 2 - 1);

        var other = gateway.launcher("pod-2").opened();
        gateway.cluster.configMaps.put("team-a/inputs/links", "[" + most + "]");
        var execution = Fixtures.execution("more", null, FROM_CONFIG_MAP);
        gateway.claim(execution, other, 1);
        assertThat(other.get("/v1/assignment").code()).isEqualTo("InputInvalid");
        assertThat(gateway.report(execution, other).message()).contains(Unread.WORDS, "spec.files");
    }

    @Test
    void anInlineInputNestedBeyondWhatLaunchersTakeIsUnavailable() {
        var deep = Json.object();
        var innermost = deep;
        for (var i = 0; i < 80; i++) {
            innermost = innermost.putObject("a");
        }
        gateway.claim(Fixtures.execution("deep", deep, null), launcher, 1);
        assertThat(launcher.get("/v1/assignment").code()).isEqualTo("InputUnavailable");
    }

    @Test
    void anInlineInputThatWasNotReadIsNotDeliveredAsNone() {
        var execution = Fixtures.execution("dense", new POJONode(Unread.TOO_MUCH), null);
        gateway.claim(execution, launcher, 1);

        assertThat(launcher.get("/v1/assignment").code()).isEqualTo("InputInvalid");
        assertThat(gateway.report(execution, launcher).message()).contains(Unread.WORDS);
    }

    /** What the gateway keeps of a large execution has no input and no variables. */
    @Test
    void aLargeInputIsDeliveredWhole() {
        var large = Json.object().put("text", "x".repeat(200_000));
        var execution = Fixtures.execution("large", large, null);
        gateway.claim(execution, launcher, 1);

        var assignment = launcher.get("/v1/assignment").json();
        assertThat(assignment.path("input")).isEqualTo(large);
        assertThat(assignment.at("/env/0/value").asText()).isEqualTo("$(HOME)");
        launcher.ask("POST", "/v1/started", "{}");
        assertThat(gateway.report(execution, launcher).inputHash()).isEqualTo(Digests.sha256(Json.canonical(large)));
    }

    @Test
    void noInputIsAnEmptyObject() {
        gateway.claim(Fixtures.execution("check", null, null), launcher, 1);
        assertThat(launcher.get("/v1/assignment").json().path("input")).isEqualTo(Json.object());
    }

    @Test
    void cancelAndRevocationReachALauncherThatWaits() throws Exception {
        gateway.close();
        gateway = new GatewayFixture(directory.resolve("patient"));
        var cancelled = gateway.launcher("pod-1").opened();
        var revoked = gateway.launcher("pod-2").opened();
        var one = gateway.claim(Fixtures.execution("one"), cancelled, 1);
        var two = gateway.claim(Fixtures.execution("two"), revoked, 1);
        var stopOne = cancelled.laterGet("/v1/control");
        var stopTwo = revoked.laterGet("/v1/control");

        gateway.cluster.put(Fixtures.cancelled(gateway.cluster.now(one)));
        gateway.cluster.update(two, Fixtures::revoked);

        assertThat(stopOne.join().json()).isEqualTo(Fixtures.json("{'stop':'Cancelled'}"));
        assertThat(stopTwo.join().json()).isEqualTo(Fixtures.json("{'stop':'PolicyRevoked'}"));
    }

    @Test
    void whoIsCancelledBeforeTheDeliveryIsNeverStarted() {
        var execution = gateway.claim(Fixtures.execution("one"), launcher, 1);
        gateway.cluster.put(Fixtures.cancelled(gateway.cluster.now(execution)));

        assertThat(launcher.get("/v1/assignment").code()).isEqualTo("NeverAssigned");
    }

    /** Nobody looks at it any more, and whoever put a finalizer there decides how long it stays. */
    @Test
    void aRunWhoseExecutionIsBeingDeletedIsToldToStop() {
        var run = gateway.claim(Fixtures.execution("kept"), launcher, 1);
        var deleted = Fixtures.with(gateway.cluster.now(run), status -> status);
        deleted.getMetadata().setDeletionTimestamp("2026-11-23T07:00:00Z");
        gateway.cluster.put(deleted);

        assertThat(launcher.get("/v1/control").json()).isEqualTo(Fixtures.json("{'stop':'Cancelled'}"));
    }

    @Test
    void anyReasonOfTheControllerIsAnOrderToStopAndNotRunningIsNone() {
        var order = gateway.claim(Fixtures.execution("order"), launcher, 1);
        gateway.cluster.update(order, status -> Fixtures.stopped(status, "NotRunning"));
        assertThat(launcher.get("/v1/control").status()).isEqualTo(204);
        assertThat(launcher.ask("POST", "/v1/report", report("NetworkWidened")).status())
                .as("a reason nobody ordered")
                .isEqualTo(400);
        gateway.cluster.update(order, status -> Fixtures.stopped(status, "NetworkWidened"));

        assertThat(launcher.get("/v1/control").json()).isEqualTo(Fixtures.json("{'stop':'NetworkWidened'}"));
        assertThat(launcher.ask("POST", "/v1/report", report("NetworkWidened")).status())
                .isEqualTo(204);
    }

    @Test
    void whoeverLostItsExecutionIsReleased() throws Exception {
        var deleted = gateway.claim(Fixtures.execution("deleted"), launcher, 1);
        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(200);
        gateway.cluster.delete(deleted);
        assertThat(launcher.get("/v1/control").json().path("stop").asText()).isEqualTo("Released");
        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(410);

        var second = gateway.launcher("pod-2").opened();
        var moved = gateway.claim(Fixtures.execution("moved"), second, 1);
        assertThat(second.get("/v1/assignment").status()).isEqualTo(200);
        gateway.cluster.update(
                moved, status -> Fixtures.claim(status, 2, "pod", "anothersession0000", Fixtures.ASSIGNMENT));
        assertThat(second.get("/v1/control").json().path("stop").asText()).isEqualTo("Released");

        var third = gateway.launcher("pod-3").opened();
        var ended = gateway.claim(Fixtures.execution("ended"), third, 1);
        gateway.cluster.update(ended, status -> Fixtures.ended(status, List.of()));
        assertThat(third.get("/v1/control").json().path("stop").asText()).isEqualTo("Released");
        assertThat(third.get("/v1/assignment").status()).isEqualTo(410);
    }

    @Test
    void aWatchThatLooksBackReleasesNobody() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        assertThat(launcher.get("/v1/assignment").status()).isEqualTo(200);

        gateway.cluster.pretendGone(execution);

        assertThat(launcher.get("/v1/control").status()).isEqualTo(204);
    }

    @Test
    void aConflictIsReadAgainAndTheReportArrivesOnce() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        gateway.cluster.reportConflicts.set(4);

        assertThat(launcher.ask("POST", "/v1/report", report("HandlerFailed")).status())
                .isEqualTo(204);
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).status())
                .isEqualTo(204);

        assertThat(gateway.cluster.reportWrites).hasSize(1);
        assertThat(launcher.put("report", new byte[1]).code()).isEqualTo("NotBound");
        assertThat(gateway.report(execution, launcher).reason()).isEqualTo("HandlerFailed");
    }

    @Test
    void anApiServerThatDoesNotAnswerMeansAskAgain() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        gateway.cluster.failures.set(1);

        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).status())
                .isEqualTo(503);
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).status())
                .isEqualTo(204);
        assertThat(gateway.report(execution, launcher).reason()).isEqualTo("HandlerReturned");
    }

    @Test
    void aReportOfAnotherAttemptIsNotBound() {
        gateway.claim(Fixtures.execution("check"), launcher, 2);
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).code())
                .isEqualTo("NotBound");
    }

    @Test
    void aReportRepeatedAfterTheEndIsStillFineAndALateOneIsNot() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        launcher.ask("POST", "/v1/report", report("HandlerReturned"));
        gateway.cluster.update(execution, status -> Fixtures.ended(status, List.of()));
        assertThat(launcher.ask("POST", "/v1/report", report("HandlerReturned")).status())
                .isEqualTo(204);

        var late = gateway.launcher("pod-2").opened();
        var timedOut = gateway.claim(Fixtures.execution("late"), late, 1);
        gateway.cluster.update(timedOut, status -> Fixtures.ended(status, List.of()));
        assertThat(late.ask("POST", "/v1/report", report("HandlerReturned")).code())
                .isEqualTo("NotBound");
        assertThat(gateway.cluster.now(timedOut).getStatus().report()).isNull();
    }

    @Test
    void wordOfTheStartThatComesAfterTheReportTakesNothingAway() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        launcher.put("report", "abc".getBytes(StandardCharsets.UTF_8));
        launcher.ask("POST", "/v1/report", report("Cancelled"));
        assertThat(gateway.report(execution, launcher).started()).isNull();

        launcher.ask("POST", "/v1/started", "{}");

        var report = gateway.report(execution, launcher);
        assertThat(report.started()).isTrue();
        assertThat(report.reason()).isEqualTo("Cancelled");
        assertThat(report.result()).isEqualTo(Fixtures.json("{'broken':0}"));
        assertThat(report.artifacts()).hasSize(1);
        assertThat(report.events()).isNotNull();
    }

    @Test
    void anArtifactThatNeverArrivedIsNotReady() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);

        launcher.ask("POST", "/v1/report", report("HandlerReturned"));

        var artifact = gateway.report(execution, launcher).artifacts().getFirst();
        assertThat(artifact.state()).isEqualTo("Failed");
        assertThat(artifact.problem()).isEqualTo("the bytes never arrived");
        assertThat(artifact.sha256()).isNull();
    }

    @Test
    void whatARevokedRunLeftIsKeptButNotPublished() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        launcher.put("report", new byte[3]);
        gateway.cluster.update(execution, Fixtures::revoked);

        launcher.ask("POST", "/v1/report", report("PolicyRevoked"));

        var artifact = gateway.report(execution, launcher).artifacts().getFirst();
        assertThat(artifact.state()).isEqualTo("Quarantined");
        assertThat(artifact.uri()).isNull();
        assertThat(artifact.size()).isEqualTo(3);
        assertThat(gateway.report(execution, launcher).result()).isNull();
    }

    @Test
    void textOfAPluginIsMadeHarmlessAndFits() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        var body = (ObjectNode) Fixtures.json(report("HandlerFailed"));
        body.put("message", "broken\u001b[31m\r\nroot\u202e\u0085 " + "x".repeat(5000));
        body.put("resultProblem", "y".repeat(5000));
        body.put("logTail", "one\ntwo\u0007\u200b" + "z".repeat(9000));
        body.set("result", Json.object().put("k", "a\u009bb\nc").put("long", "r".repeat(15_000)));

        assertThat(launcher.ask("POST", "/v1/report", Json.compact(body)).status())
                .isEqualTo(204);

        var report = gateway.report(execution, launcher);
        assertThat(report.message()).startsWith("broken root xx").hasSize(1024);
        assertThat(report.resultProblem()).hasSize(512);
        assertThat(report.logTail()).startsWith("one\ntwozzz").hasSizeLessThanOrEqualTo(4096);
        assertThat(report.result().path("k").asText()).isEqualTo("ab\nc");
        assertThat(Json.bytes(Json.tree(report)).length).isLessThan(22 * 1024);
    }

    @Test
    void aResultThatIsTooLargeIsNamedAndLeftOut() {
        var execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
        var body = (ObjectNode) Fixtures.json(report("HandlerReturned"));
        body.set("result", Json.object().put("long", "r".repeat(17_000)));

        launcher.ask("POST", "/v1/report", Json.compact(body));

        assertThat(gateway.report(execution, launcher).result()).isNull();
        assertThat(gateway.report(execution, launcher).resultProblem()).contains("16 KiB");
    }

    private static String report(String reason) {
        return "{'attempt':1,'reason':'" + reason + "','exitCode':0,'signal':0,'message':'','result':{'broken':0},"
                + "'artifacts':[{'name':'report','sha256':'','size':1,'type':'text/plain','state':'Ready','problem':''}],"
                + "'events':{'emitted':0,'denied':0,'dropped':0}}";
    }
}
