package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.EventTotals;
import dev.corral.api.v1alpha1.ReportedMetrics;
import dev.corral.api.v1alpha1.ReportedTimings;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.status.PlainText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a launcher's report: every number bounded, every text cleaned and cut, nothing believed about who sent it. */
final class Reports {
    static final Pattern ARTIFACT_NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    static final int MAX_ARTIFACTS = 50;
    private static final int MAX_RESULT = 16 * 1024;
    private static final int MAX_LINE = 1024;
    private static final int MAX_RESULT_PROBLEM = 512;
    private static final int MAX_LOG_TAIL = 4096;
    private static final Pattern REASON = Pattern.compile("[A-Z][A-Za-z]{1,62}");
    /** A launcher's own words; besides these it repeats the reason of an order to stop. */
    static final Set<String> LAUNCHERS_REASONS = Set.of(
            "HandlerReturned",
            "HandlerFailed",
            "HandlerNotStarted",
            "TimedOut",
            "MemoryExceeded",
            "DiskExceeded",
            "OutputExceeded",
            "InputUnavailable",
            "CpuTimeExceeded",
            "Cancelled",
            "LauncherFailed");

    /** Of a result, in bytes: the API server reads what is applied as YAML, which takes no longer ones, and refuses the whole status. */
    private static final int MAX_NAME = 500;

    /** What a launcher says became of an artifact. */
    static final Set<String> ARTIFACT_STATES = Set.of("Ready", "Skipped", "Failed");

    private Reports() {}

    /** The report, unless it is not one; session, input hash and start are the gateway's to add. */
    static Optional<RunReport> read(ObjectNode report) {
        var attempt = whole(report, "attempt");
        var reason = report.path("reason").asText();
        var artifacts = artifacts(report.path("artifacts"));
        if (attempt == null
                || attempt < 1
                || attempt > Integer.MAX_VALUE
                || !REASON.matcher(reason).matches()
                || artifacts.isEmpty()) {
            return Optional.empty();
        }
        var given = report.path("result");
        var tooMuch = tooMuch(given);
        var result = tooMuch.isPresent() || given.isMissingNode() || given.isNull()
                ? null
                : Json.cleaned(given, text -> PlainText.lines(text, MAX_RESULT));
        var resultProblem = tooMuch.orElseGet(
                () -> PlainText.line(report.path("resultProblem").asText(), MAX_RESULT_PROBLEM));
        return Optional.of(new RunReport(
                attempt.intValue(),
                null,
                null,
                null,
                reason,
                count(report, "exitCode"),
                count(report, "signal"),
                line(report, "message"),
                result,
                resultProblem,
                artifacts.get(),
                count(report, "undeclared"),
                new EventTotals(
                        count(report.path("events"), "emitted"),
                        null,
                        count(report.path("events"), "dropped"),
                        count(report.path("events"), "denied")),
                new ReportedMetrics(
                        whole(report.path("metrics"), "wallMillis"),
                        whole(report.path("metrics"), "cpuMillis"),
                        whole(report.path("metrics"), "memoryPeakBytes")),
                new ReportedTimings(
                        null,
                        whole(report.path("timings"), "startedMillis"),
                        whole(report.path("timings"), "finishedMillis"),
                        whole(report.path("timings"), "collectedMillis")),
                PlainText.lines(report.path("logTail").asText(), MAX_LOG_TAIL),
                null,
                null,
                null));
    }

    private static Optional<List<ArtifactStatus>> artifacts(JsonNode rows) {
        var all = new ArrayList<ArtifactStatus>();
        if (rows.size() > MAX_ARTIFACTS) {
            return Optional.empty();
        }
        for (var row : rows) {
            var name = row.path("name").asText();
            var state = row.path("state").asText();
            if (!ARTIFACT_NAME.matcher(name).matches() || !ARTIFACT_STATES.contains(state)) {
                return Optional.empty();
            }
            var sha256 = row.path("sha256").asText();
            all.add(new ArtifactStatus(
                    name,
                    null,
                    Digests.plausible(sha256) ? sha256 : null,
                    whole(row, "size"),
                    MediaTypes.of(row.path("type").asText()),
                    state,
                    PlainText.line(row.path("problem").asText(), 256),
                    null));
        }
        return Optional.of(List.copyOf(all));
    }

    private static Optional<String> tooMuch(JsonNode result) {
        if (Json.bytes(result).length > MAX_RESULT) {
            return Optional.of("the result is larger than 16 KiB");
        }
        return Json.hasNameOver(result, MAX_NAME)
                ? Optional.of("the result has a name of more than " + MAX_NAME + " bytes")
                : Optional.empty();
    }

    private static String line(JsonNode node, String field) {
        return PlainText.line(node.path(field).asText(), MAX_LINE);
    }

    private static @Nullable Integer count(JsonNode node, String field) {
        var whole = whole(node, field);
        return whole == null ? null : (int) Math.min(whole, Integer.MAX_VALUE);
    }

    /** Absent, negative and fractional numbers are nothing rather than a guess. */
    private static @Nullable Long whole(JsonNode node, String field) {
        var value = node.path(field);
        return value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0
                ? value.longValue()
                : null;
    }
}
