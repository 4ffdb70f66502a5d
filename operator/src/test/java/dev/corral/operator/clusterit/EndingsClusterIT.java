package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.operator.clusterit.Run.End;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever a run dies of is told apart, and told: reason, code, details, log tail, Event. */
class EndingsClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("endings", """
            secrets: [{name: vault, keys: [password]}, {name: late, keys: [password]}]
            limits: {timeout: 2m, memory: 256Mi, disk: 128Mi, processes: 64, output: 16Mi}
            """);

    @Test
    void nonZeroExitIsTheHandlersOwnFailure() {
        var run = team.probe("exits", "exit", "3").start();
        var end = run.ends(ConditionReason.HandlerFailed);

        failed(end, "HANDLER_ERROR");
        assertThat(end.status().error().details()).containsEntry("exitCode", "3");
        assertThat(end.status().logTail()).contains("leaving");
        assertThat(run.event("HandlerFailed").getType()).isEqualTo("Warning");
        assertThat(run.event("HandlerFailed").getNote())
                .contains("kubectl logs -n " + team.namespace() + " "
                        + end.status().attempt().pod());
        assertThat(team.client()
                        .pods()
                        .inNamespace(team.namespace())
                        .withName(end.status().attempt().pod())
                        .getLog())
                .as("the line in the Event works")
                .contains("leaving");
    }

    @Test
    void stubbornHandlerAndItsDaemonAreGoneAfterTheTimeoutAndTheFilesSoFarAreKept() {
        var run = team.probe("stubborn", "sleep", "3600", "--stubborn", "--daemon")
                .leaves("survivor")
                .with("timeout: 3s")
                .start();
        var end = run.ends(ConditionReason.TimedOut);

        failed(end, "TIMEOUT");
        assertThat(end.artifact("survivor").state()).isEqualTo("Ready");
        assertThat(end.status().report().signal()).as("TERM was not enough").isEqualTo(9);
        assertThat(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse(""))
                        .filter(line -> line.startsWith("/probe sleep 3600") || line.contains("/exe sleep 3600")))
                .as("the node is this machine")
                .isEmpty();
    }

    @Test
    void moreMemoryThanGrantedEndsTheRunAndSaysSo() {
        var greedy = team.probe("greedy", "memory", "200", "--hold")
                .asks("limits: {memory: 48Mi}")
                .start();
        // too fast for the launcher's watch: the kernel is behind it
        var burst = team.probe("burst", "memory", "2000")
                .asks("limits: {memory: 32Mi}")
                .start();

        failed(greedy.ends(ConditionReason.MemoryExceeded), "QUOTA_EXCEEDED");
        failed(burst.ends(ConditionReason.MemoryExceeded), "QUOTA_EXCEEDED");
    }

    @Test
    void moreDiskThanGrantedEndsTheRunAndSaysSo() {
        var end = team.probe("hoarder", "disk", "100", "--hold")
                .asks("limits: {disk: 32Mi}")
                .start()
                .ends(ConditionReason.DiskExceeded);

        failed(end, "QUOTA_EXCEEDED");
    }

    @Test
    void oneFileCannotBeLargerThanTheDiskGranted() {
        var result = team.probe("one-file", "disk", "100", "--one")
                .asks("limits: {disk: 32Mi}")
                .start()
                .ended();

        assertThat(result.reason()).isIn("DiskExceeded", "HandlerFailed", "HandlerReturned");
        if (result.reason().equals("HandlerReturned")) {
            assertThat(result.result().get("mib").asInt()).isLessThanOrEqualTo(32);
        }
    }

    @Test
    void forkBombEndsAtItsLimitAndNeitherNodeNorNeighbourNotices() {
        var bomb =
                team.probe("bomb", "forkbomb").asks("limits: {processes: 32}").start();
        var neighbour = team.probe("neighbour", "exit", "0").start();

        var end = bomb.ends(ConditionReason.HandlerReturned);
        assertThat(end.result().get("stopped").asText()).isEqualTo("EAGAIN");
        assertThat(end.result().get("started").asInt()).isLessThanOrEqualTo(32);
        neighbour.ends(ConditionReason.HandlerReturned);
        assertThat(team.client().nodes().list().getItems())
                .allSatisfy(node -> assertThat(node.getStatus().getConditions()).anySatisfy(condition -> {
                    assertThat(condition.getType()).isEqualTo("Ready");
                    assertThat(condition.getStatus()).isEqualTo("True");
                }));
    }

    @Test
    void programThatIsNotThereIsNotStarted() {
        var end = new PluginDraft(team, "missing", "probe", "/no/such/program")
                .start()
                .ends(ConditionReason.HandlerNotStarted);

        failed(end, "HANDLER_NOT_STARTED");
        assertThat(end.status().error().details()).containsEntry("exitCode", "127");
    }

    @Test
    void imageThatIsNotThereIsWaitedForAndTheWaitCanBeCancelled() {
        var run = team.probe("imageless", "exit", "0")
                .image("corral.local/nothing@sha256:" + "0".repeat(64))
                .start();

        run.untilWaitingFor(ConditionReason.ImageUnavailable);
        run.cancel();
        failed(run.ends(ConditionReason.Cancelled), "ABORTED");
        noPodOf(run);
    }

    @Test
    void secretThatIsNotThereStartsNothingAndTheWaitCanBeCancelled() {
        var run = team.probe("secretless", "facts")
                .asks("secrets: [{name: vault, keys: [password]}]")
                .with("secrets: [{name: vault, keys: [password]}]")
                .start();

        run.untilWaitingFor(ConditionReason.SecretUnavailable);
        run.cancel();
        failed(run.ends(ConditionReason.Cancelled), "ABORTED");
        noPodOf(run);
    }

    @Test
    void aSecretAndThenItsKeyAreWaitedForByName() {
        var run = team.shell("patient", "cat $CORRAL_SECRETS/late/password > $CORRAL_OUTPUT/seen")
                .asks("secrets: [{name: late, keys: [password]}]")
                .with("secrets: [{name: late, keys: [password]}]")
                .leaves("seen")
                .start();

        waitsBecause(run, "Secret late: secret \"late\" not found");
        team.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: late, namespace: $NAMESPACE}
                stringData: {other: x}
                """);
        waitsBecause(run, "Secret late: references non-existent secret key: password");
        team.client()
                .secrets()
                .inNamespace(team.namespace())
                .withName("late")
                .edit(late -> new SecretBuilder(late)
                        .addToStringData("password", "pw")
                        .build());

        assertThat(run.ends(ConditionReason.HandlerReturned).artifact("seen").size())
                .isEqualTo(2);
    }

    private static void waitsBecause(Run run, String words) {
        run.until(
                "waiting: " + words,
                status -> status.conditions() != null
                        && status.conditions().stream()
                                .anyMatch(condition -> condition.type().equals("Reconciling")
                                        && condition.reason().equals("SecretUnavailable")
                                        && condition.message().contains(words)));
    }

    @Test
    void podThatFitsNoNodeIsUnschedulableAndTheWaitCanBeCancelled() {
        team.govern("placement", """
                grants: {}
                images: [corral.local/plugin-python]
                placement: {nodeSelector: {pool: nobody-has-it}}
                """);
        var run = new PluginDraft(team, "homeless", "plugin-python", "/bin/python3", "-V").start();

        run.untilWaitingFor(ConditionReason.Unschedulable);
        run.cancel();
        failed(run.ends(ConditionReason.Cancelled), "ABORTED");
        noPodOf(run);
    }

    @Test
    void cancelledMidRunKeepsWhatItLeftSoFar() {
        var run = team.shell("cancelled", "echo so far > $CORRAL_OUTPUT/partial; sleep 300")
                .leaves("partial")
                .start();

        run.untilStarted();
        run.cancel();
        var end = run.ends(ConditionReason.Cancelled);
        failed(end, "ABORTED");
        assertThat(end.artifact("partial").state()).isEqualTo("Ready");
    }

    @Test
    void deletedMidRunLeavesNothing() {
        var run = team.shell("deleted", "sleep 300").start();

        run.untilStarted();
        run.resource().delete();
        noPodOf(run);
    }

    @Test
    void podDeletedByAnAdministratorIsNotSilentlyRepeated() {
        var drained = team.shell("drained", "sleep 300").start();
        var killed = team.shell("killed", "sleep 300").start();

        var pods = team.client().pods().inNamespace(team.namespace());
        pods.withName(drained.untilStarted().getStatus().attempt().pod()).evict();
        pods.withName(killed.untilStarted().getStatus().attempt().pod())
                .withGracePeriod(0)
                .delete();
        // The object is gone at once, the container a moment later: its last word may or may not arrive before that is
        // seen.
        assertThat(killed.ended().reason()).isIn("Lost", "Cancelled");
        var end = drained.ends(ConditionReason.Evicted);
        assertThat(end.status().attempt().number()).isEqualTo(1);
    }

    @Test
    void refusalsStartNothingAndSayWhatToDo() {
        var denied = team.probe("denied", "facts")
                .asks("secrets: [{name: database-admin, keys: [password]}]")
                .start();
        var unenforceable =
                team.probe("unenforceable", "facts").asks("state: {read: [x]}").start();
        var misfit = team.probe("misfit", "facts")
                .expects("{type: object, required: [url]}")
                .with("input: {link: x}")
                .start();

        var end = failed(denied.ends(ConditionReason.Denied), "PERMISSION_DENIED");
        assertThat(end.status().state()).isEqualTo("Denied");
        assertThat(end.status().error().details()).containsValue("SecretNotGranted");
        assertThat(end.message()).contains("database-admin");
        end = failed(unenforceable.ends(ConditionReason.Denied), "PERMISSION_DENIED");
        assertThat(end.status().error().details()).containsValue("NotEnforceable");
        end = failed(misfit.ends(ConditionReason.InputInvalid), "VALIDATION_ERROR");
        assertThat(end.message()).startsWith("spec.input: ").contains("url");
        assertThat(misfit.event("InputInvalid").getType()).isEqualTo("Warning");
        noPodOf(denied);
        noPodOf(unenforceable);
        noPodOf(misfit);
    }

    @Test
    void suspendedRunStartsNothingUntilItIsResumed() {
        var run = team.probe("suspended", "exit", "0").with("suspend: true").start();

        run.until("suspended", status -> "Suspended".equals(status.state()));
        noPodOf(run);
        run.resume();
        run.ends(ConditionReason.HandlerReturned);
    }

    @Test
    void handlerThatCannotBeFoundAndPluginThatDoesNotExistAreToldApart() {
        var run = team.probe("handlerless", "facts").with("handler: other").start();
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: orphan, namespace: $NAMESPACE}
                spec: {plugin: {name: nobody}, handler: main}
                """);

        failed(run.ends(ConditionReason.HandlerNotFound), "HANDLER_NOT_FOUND");
        var orphan = team.execution("orphan");
        orphan.untilWaitingFor(ConditionReason.PluginNotFound);
        orphan.cancel();
        failed(orphan.ends(ConditionReason.Cancelled), "ABORTED");
    }

    private static End failed(End end, String code) {
        assertThat(end.status().error().code()).isEqualTo(code);
        assertThat(end.status().error().message()).isNotBlank();
        assertThat(end.status().error().remediation()).isNotBlank();
        return end;
    }

    private static void noPodOf(Run run) {
        await("no pod of " + run.name())
                .atMost(Duration.ofSeconds(90))
                .until(() -> run.team().client().pods().inNamespace(team.namespace()).list().getItems().stream()
                        .noneMatch(pod -> run.name()
                                .equals(pod.getMetadata().getAnnotations().get("corral.dev/execution"))));
    }
}
