package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ArtifactDeclaration;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.AssignedLimits;
import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.InputSource;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.api.v1alpha1.Ttl;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** Executions and pods in few words. */
final class Fixtures {
    static final DecidedAssignment ASSIGNMENT = new DecidedAssignment(
            List.of("/app/check"),
            List.of("CHECK_DEPTH"),
            null,
            null,
            null,
            List.of(new ArtifactDeclaration("report", "report.json", "application/json", null)),
            List.of("check.*@v1"),
            null,
            null,
            new AssignedLimits(90_000L, 5_000L, 134_217_728L, 67_108_864L, 64, 1_000L, 100, null),
            null);

    private Fixtures() {}

    static JsonNode json(String text) {
        return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                .orElseThrow();
    }

    static Pod pod(String name) {
        return new PodBuilder()
                .withNewMetadata()
                .withNamespace("team-a")
                .withName(name)
                .withUid(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8))
                        .toString())
                .addToLabels("corral.dev/plugin-pod", "true")
                .endMetadata()
                .withNewStatus()
                .withPodIP("127.0.0.1") // where all launchers call from
                .endStatus()
                .build();
    }

    static PluginExecution execution(String name) {
        return execution(name, json("{'url':'https://docs.example.org/'}"), null);
    }

    static PluginExecution execution(String name, JsonNode input, InputSource from) {
        var execution = new PluginExecution();
        execution.setMetadata(new ObjectMetaBuilder()
                .withNamespace("team-a")
                .withName(name)
                .withUid(UUID.nameUUIDFromBytes(("execution " + name).getBytes(StandardCharsets.UTF_8))
                        .toString())
                .build());
        execution.setSpec(new PluginExecutionSpec(
                new PluginReference("links", null),
                "check",
                input,
                from,
                List.of(new EnvVariable("CHECK_DEPTH", "$(HOME)", null), new EnvVariable("NOT_GRANTED", "x", null)),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null));
        execution.setStatus(empty());
        return execution;
    }

    static PluginExecution cancelled(PluginExecution execution) {
        var spec = execution.getSpec();
        return withSpec(
                execution,
                new PluginExecutionSpec(
                        spec.plugin(),
                        spec.handler(),
                        spec.input(),
                        spec.inputFrom(),
                        spec.env(),
                        spec.files(),
                        null,
                        null,
                        null,
                        null,
                        spec.ttl(),
                        null,
                        true,
                        null,
                        null));
    }

    static PluginExecution keptFor(PluginExecution execution, String artifacts) {
        var spec = execution.getSpec();
        return withSpec(
                execution,
                new PluginExecutionSpec(
                        spec.plugin(),
                        spec.handler(),
                        spec.input(),
                        spec.inputFrom(),
                        spec.env(),
                        spec.files(),
                        null,
                        null,
                        null,
                        null,
                        new Ttl(null, artifacts, null),
                        null,
                        null,
                        null,
                        null));
    }

    static PluginExecution with(PluginExecution execution, UnaryOperator<PluginExecutionStatus> change) {
        var changed = withSpec(execution, execution.getSpec());
        changed.setStatus(change.apply(execution.getStatus()));
        return changed;
    }

    private static PluginExecution withSpec(PluginExecution execution, PluginExecutionSpec spec) {
        var changed = new PluginExecution();
        changed.setMetadata(new ObjectMetaBuilder(execution.getMetadata()).build());
        changed.setSpec(spec);
        changed.setStatus(execution.getStatus());
        return changed;
    }

    static PluginExecutionStatus empty() {
        return status(null, null, null, null, null, null, null);
    }

    static PluginExecutionStatus claim(
            PluginExecutionStatus status, int number, String podUID, String session, DecidedAssignment assignment) {
        return status(
                status.conditions(),
                status.completionTime(),
                status.inputHash(),
                new Attempt(number, "pod", podUID, session, "2026-01-01T00:00:00Z", null),
                assignment,
                status.artifacts(),
                status.report());
    }

    /** As the real way to the API server lays a report out: result, artifacts and events where people look for them. */
    static PluginExecutionStatus report(PluginExecutionStatus status, RunReport report) {
        return status(
                status.conditions(),
                status.completionTime(),
                status.inputHash(),
                status.attempt(),
                status.assignment(),
                PluginExecutionStatus.reported(report));
    }

    static PluginExecutionStatus ended(PluginExecutionStatus status, List<ArtifactStatus> artifacts) {
        return status(
                status.conditions(),
                "2026-01-01T00:01:00Z",
                status.inputHash(),
                status.attempt(),
                status.assignment(),
                artifacts,
                status.report());
    }

    static PluginExecutionStatus hashed(PluginExecutionStatus status, String inputHash) {
        return status(
                status.conditions(),
                status.completionTime(),
                inputHash,
                status.attempt(),
                status.assignment(),
                status.artifacts(),
                status.report());
    }

    static PluginExecutionStatus revoked(PluginExecutionStatus status) {
        return stopped(status, "PolicyRevoked");
    }

    /** The controller's order to stop, for that reason. */
    static PluginExecutionStatus stopped(PluginExecutionStatus status, String reason) {
        return status(
                List.of(new Condition("Running", "False", reason, "", 1L, "2026-01-01T00:00:00Z")),
                status.completionTime(),
                status.inputHash(),
                status.attempt(),
                status.assignment(),
                status.artifacts(),
                status.report());
    }

    private static PluginExecutionStatus status(
            List<Condition> conditions,
            String completionTime,
            String inputHash,
            Attempt attempt,
            DecidedAssignment assignment,
            List<ArtifactStatus> artifacts,
            RunReport report) {
        return status(
                conditions,
                completionTime,
                inputHash,
                attempt,
                assignment,
                PluginExecutionStatus.remains(null, null, null, null, null, null, artifacts, report, null));
    }

    private static PluginExecutionStatus status(
            List<Condition> conditions,
            String completionTime,
            String inputHash,
            Attempt attempt,
            DecidedAssignment assignment,
            PluginExecutionStatus left) {
        return new PluginExecutionStatus(
                1L,
                conditions,
                null,
                null,
                null,
                null,
                null,
                completionTime,
                null,
                inputHash,
                null,
                null,
                null,
                null,
                attempt,
                assignment,
                left.result(),
                left.artifacts(),
                left.events(),
                null,
                null,
                null,
                null,
                null,
                left.learned(),
                left.report(),
                null,
                null);
    }
}
