package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What the gateway learned from the launcher; the controller turns it into the terminal status. */
public record RunReport(
        Integer attempt,
        String session,
        String inputHash,
        String reason,
        Integer exitCode,
        Integer signal,
        String message,
        JsonNode result,
        String resultProblem,
        List<ArtifactStatus> artifacts,
        Integer undeclared,
        EventTotals events,
        ReportedMetrics metrics,
        ReportedTimings timings,
        String logTail,
        Boolean started) {}
