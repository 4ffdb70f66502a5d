package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened. {@code report} belongs to the gateway's field manager, everything else to the controller's. Below 32 KiB.
 */
@ApiObject
public record PluginExecutionStatus(
        @JsonPropertyDescription("The metadata.generation this is about; -1: none yet.") @Min(-1) @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("PermissionsGranted, SandboxVerified, Succeeded and others.") @Size(max = 16) @Nullable
        List<Condition> conditions,

        @JsonPropertyDescription("Granted or Denied.") @Size(max = 32) @Nullable
        String verdict,

        @JsonPropertyDescription("Where it is. Example: Running.") @Size(max = 32) @Nullable
        String state,

        @JsonPropertyDescription("Cold: the pod was made for it; Warm: it came from a pool.") @Size(max = 32) @Nullable
        String start,

        @JsonPropertyDescription("Why it started cold where the namespace has pools.") @Size(max = 256) @Nullable
        String coldReason,

        @JsonPropertyDescription("When the controller first saw it.") @Size(max = 64) @Nullable
        String startTime,

        @JsonPropertyDescription("When it reached its end.") @Size(max = 64) @Nullable
        String completionTime,

        @JsonPropertyDescription("Wall time of the handler. Example: 1.84s.") @Size(max = 32) @Nullable
        String duration,

        @JsonPropertyDescription("Hash of the input at the decision; every attempt gets this input.")
        @Size(max = 128)
        @Nullable
        String inputHash,

        @JsonPropertyDescription("The plugin as the last attempt was decided on; each is decided anew.") @Nullable
        DecidedPlugin plugin,

        @JsonPropertyDescription("The policies behind the verdict.") @Nullable
        DecidedPolicy policy,

        @JsonPropertyDescription("What is granted, each with the policy it came from.") @Size(max = 128) @Nullable
        List<@Size(max = 512) String> effectivePermissions,

        @JsonPropertyDescription("Per permission: who enforces it, with what proof.") @Size(max = 32) @Nullable
        List<EnforcementStatus> enforcement,

        @JsonPropertyDescription("The present or last attempt.") @Nullable
        Attempt attempt,

        @JsonPropertyDescription("What the gateway delivers.") @Nullable
        DecidedAssignment assignment,

        @JsonPropertyDescription("What the handler returned, any JSON up to 16 KiB.") @PreserveUnknownFields @Nullable
        JsonNode result,

        @JsonPropertyDescription("Files it left.") @Size(max = 50) @Nullable
        List<ArtifactStatus> artifacts,

        @JsonPropertyDescription("What became of its events.") @Nullable
        EventTotals events,

        @JsonPropertyDescription("What it used.") @Nullable RunMetrics metrics,

        @JsonPropertyDescription("How long its steps took, ms since the controller first saw it.") @Nullable
        RunTimings timings,

        @JsonPropertyDescription("Why it failed.") @Nullable ErrorDetail error,

        @JsonPropertyDescription("End of its output, when it failed.") @Size(max = 4096) @Nullable
        String logTail,

        @JsonPropertyDescription("mode Plan: what would be created.") @Nullable
        PlanPreview plan,

        @JsonPropertyDescription("mode Learn: the permissions it used.") @Nullable
        LearnedPermissions learned,

        @JsonPropertyDescription("What the gateway learned; written by the gateway.") @Nullable
        RunReport report,

        @JsonPropertyDescription("Where it stands while it waits for its turn.") @Nullable
        QueueStatus queue,

        @JsonPropertyDescription("Namespace of the installation that has it.") @Size(max = 63) @Nullable
        String installation) {

    /** What the gateway writes: result, artifacts, events and what was learned where people look for them, the rest below {@code report}. */
    public static PluginExecutionStatus reported(RunReport report) {
        RunReport rest = report.with(null, null, null, null);
        return new PluginExecutionStatus(
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                report.result(),
                report.artifacts(),
                report.events(),
                null,
                null,
                null,
                null,
                null,
                report.learned(),
                rest,
                null,
                null);
    }

    /** What a cache keeps of a status that says the end: no more than these. */
    public static PluginExecutionStatus remains(
            @Nullable Long observedGeneration,
            @Nullable List<Condition> conditions,
            @Nullable String start,
            @Nullable String completionTime,
            @Nullable DecidedPlugin plugin,
            @Nullable Attempt attempt,
            @Nullable List<ArtifactStatus> artifacts,
            @Nullable RunReport report,
            @Nullable String installation) {
        return new PluginExecutionStatus(
                observedGeneration,
                conditions,
                null,
                null,
                start,
                null,
                null,
                completionTime,
                null,
                null,
                plugin,
                null,
                null,
                null,
                attempt,
                null,
                null,
                artifacts,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                report,
                null,
                installation);
    }

    /** Whether it has reached its end. */
    public boolean ended() {
        return completionTime != null;
    }
}
