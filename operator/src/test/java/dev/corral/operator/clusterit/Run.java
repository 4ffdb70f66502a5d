package dev.corral.operator.clusterit;

import static dev.corral.operator.clusterit.Team.awaited;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** One execution on its way; every wait is a watch. */
record Run(Team team, String name) {
    private static final long PATIENCE = 240;

    Resource<PluginExecution> resource() {
        return team.client()
                .resources(PluginExecution.class)
                .inNamespace(team.namespace())
                .withName(name);
    }

    PluginExecution until(String what, Predicate<PluginExecutionStatus> condition) {
        return awaited(
                () -> "execution " + name + " to be " + what + "; it is\n"
                        + Serialization.asYaml(resource().get()),
                () -> resource()
                        .waitUntilCondition(
                                execution -> execution != null
                                        && execution.getStatus() != null
                                        && condition.test(execution.getStatus()),
                                PATIENCE,
                                TimeUnit.SECONDS));
    }

    /** The handler's process is said to exist: the report is not there yet, but it was started. */
    PluginExecution untilStarted() {
        return until(
                "started",
                status -> "Running".equals(status.state())
                        && status.report() != null
                        && Boolean.TRUE.equals(status.report().started()));
    }

    /** It waits for something, and says for what. */
    PluginExecution untilWaitingFor(ConditionReason reason) {
        return until(
                "waiting for " + reason,
                status -> status.conditions() != null
                        && status.conditions().stream()
                                .anyMatch(c -> c.type().equals("Reconciling")
                                        && c.status().equals("True")
                                        && c.reason().equals(reason.name())));
    }

    /** Its end, with everything that may be asserted of any end. */
    End ended() {
        var execution = until("ended", status -> status.completionTime() != null);
        var end = new End(this, execution.getStatus());
        end.isWhole();
        return end;
    }

    /** Its end, which must be this one. */
    End ends(ConditionReason reason) {
        var end = ended();
        assertThat(end.reason()).as(() -> Serialization.asYaml(end.status())).isEqualTo(reason.name());
        return end;
    }

    void cancel() {
        merge("{\"spec\": {\"cancel\": true}}");
    }

    void resume() {
        merge("{\"spec\": {\"suspend\": false}}");
    }

    private void merge(String patch) {
        resource().patch(PatchContext.of(PatchType.JSON_MERGE), patch);
    }

    /** Kubernetes Events about the execution. */
    List<Event> events() {
        return team.client().events().v1().events().inNamespace(team.namespace()).list().getItems().stream()
                .filter(event -> event.getRegarding() != null
                        && "PluginExecution".equals(event.getRegarding().getKind())
                        && name.equals(event.getRegarding().getName()))
                .toList();
    }

    /** The Event of that reason; it may come a moment after the status. */
    Event event(String reason) {
        return await("Event " + reason + " of " + name)
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> events().stream()
                                .filter(event -> reason.equals(event.getReason()))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    /** A finished execution's status, read as a person would. */
    record End(Run run, PluginExecutionStatus status) {
        String reason() {
            return condition("Succeeded").reason();
        }

        String message() {
            return condition("Succeeded").message();
        }

        Condition condition(String type) {
            return Optional.ofNullable(status.conditions()).orElse(List.of()).stream()
                    .filter(condition -> condition.type().equals(type))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no condition " + type));
        }

        JsonNode result() {
            assertThat(status.result())
                    .as(() -> "result of\n" + Serialization.asYaml(status))
                    .isNotNull();
            return status.result();
        }

        ArtifactStatus artifact(String name) {
            return Optional.ofNullable(status.artifacts()).orElse(List.of()).stream()
                    .filter(artifact -> artifact.name().equals(name))
                    .findFirst()
                    .orElseThrow(
                            () -> new AssertionError("no artifact " + name + " in\n" + Serialization.asYaml(status)));
        }

        /** What holds of every end: conditions with all six fields, kstatus' verdict, and a status that fits. */
        private void isWhole() {
            var good = List.of("HandlerReturned", "Planned").contains(reason());
            assertThat(status.conditions()).allSatisfy(condition -> {
                assertThat(condition.type()).isNotBlank();
                assertThat(condition.status()).isIn("True", "False", "Unknown");
                assertThat(condition.reason()).isNotBlank();
                assertThat(condition.message()).isNotNull();
                assertThat(condition.observedGeneration()).isPositive();
                assertThat(Instant.parse(condition.lastTransitionTime())).isNotNull();
            });
            assertThat(condition("Succeeded").status()).isEqualTo(good ? "True" : "False");
            assertThat(condition("Ready").status()).isEqualTo(good ? "True" : "False");
            assertThat(condition("Stalled").status()).isEqualTo(good ? "False" : "True");
            assertThat(condition("Reconciling").status()).isEqualTo("False");
            assertThat(condition("Running").status()).isEqualTo("False");
            assertThat(status.error() == null)
                    .as("error exactly where it failed")
                    .isEqualTo(good);
            assertThat(Serialization.asJson(status).getBytes(StandardCharsets.UTF_8).length)
                    .isLessThan(32 * 1024);
        }
    }
}
