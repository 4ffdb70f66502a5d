package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What happened. {@code report} belongs to the gateway's field manager, everything else to the controller's. Below 32 KiB.
 */
public record PluginExecutionStatus(
        Long observedGeneration,
        List<Condition> conditions,
        String verdict,
        String state,
        String start,
        String startTime,
        String completionTime,
        String duration,
        String inputHash,
        DecidedPlugin plugin,
        DecidedPolicy policy,
        List<String> effectivePermissions,
        List<EnforcementStatus> enforcement,
        Attempt attempt,
        DecidedAssignment assignment,
        JsonNode result,
        List<ArtifactStatus> artifacts,
        EventTotals events,
        RunMetrics metrics,
        RunTimings timings,
        ErrorDetail error,
        String logTail,
        PlanPreview plan,
        RunReport report) {}
