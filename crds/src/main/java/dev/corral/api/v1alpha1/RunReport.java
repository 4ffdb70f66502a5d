package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.crd.generator.annotation.PreserveUnknownFields;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the gateway learned from the launcher; the controller turns it into the terminal status. */
@ApiObject
public record RunReport(
        @JsonPropertyDescription("The attempt it is about.") @Min(1) @Nullable
        Integer attempt,

        @JsonPropertyDescription("The session it came by.") @Size(max = 64) @Nullable
        String session,

        @JsonPropertyDescription("Hash of the input that was delivered.") @Size(max = 128) @Nullable
        String inputHash,

        @JsonPropertyDescription("Files that were staged.") @Size(max = 16) @Nullable
        List<FileDigest> files,

        @JsonPropertyDescription("How the run ended. Example: HandlerReturned.") @Size(max = 128) @Nullable
        String reason,

        @JsonPropertyDescription("Exit code of the handler.") @Nullable
        Integer exitCode,

        @JsonPropertyDescription("Signal that ended it, 0 if none.") @Min(0) @Nullable
        Integer signal,

        @JsonPropertyDescription("One sentence for people.") @Size(max = 2048) @Nullable
        String message,

        @JsonPropertyDescription("What the handler returned, any JSON up to 16 KiB.") @PreserveUnknownFields @Nullable
        JsonNode result,

        @JsonPropertyDescription("Why there is no result.") @Size(max = 512) @Nullable
        String resultProblem,

        @JsonPropertyDescription("Files it left.") @Size(max = 50) @Nullable
        List<ArtifactStatus> artifacts,

        @JsonPropertyDescription("Files it left that no declaration names.") @Min(0) @Nullable
        Integer undeclared,

        @JsonPropertyDescription("What became of its events.") @Nullable
        EventTotals events,

        @JsonPropertyDescription("What it used.") @Nullable ReportedMetrics metrics,

        @JsonPropertyDescription("How long its steps took.") @Nullable
        ReportedTimings timings,

        @JsonPropertyDescription("End of its output, when it failed.") @Size(max = 4096) @Nullable
        String logTail,

        @JsonPropertyDescription("mode Learn: the permissions it used.") @Nullable
        LearnedPermissions learned,

        @JsonPropertyDescription("Connections to host names that were refused.") @Size(max = 11) @Nullable
        List<RefusedConnection> refused,

        @JsonPropertyDescription("true: plugin code ran.") @Nullable
        Boolean started) {

    /** Said by a launcher that was told to stop; whose wish that was stands elsewhere. */
    public boolean interrupted() {
        return "Cancelled".equals(reason);
    }

    /**
     * Whether this is the last word on what {@code begun} is the first word on: of the same session, and with everything in it that was said
     * there. Also where nothing was.
     */
    public boolean completes(@Nullable RunReport begun) {
        return begun == null
                || begun.reason == null
                        && Objects.equals(begun.session, session)
                        && Objects.equals(begun.attempt, attempt)
                        && (begun.inputHash == null || begun.inputHash.equals(inputHash))
                        && (begun.files == null || begun.files.equals(files))
                        && (begun.started == null || begun.started.equals(started))
                        && (begun.refused == null || refused != null);
    }

    /** The same report, of a run for which these files were staged. */
    public RunReport withFiles(@Nullable List<FileDigest> staged) {
        return changed(staged, result, artifacts, events, timings, learned, refused);
    }

    /** The same report with these outputs; in a status they stand beside it, where people look for them. */
    public RunReport with(
            @Nullable JsonNode newResult,
            @Nullable List<ArtifactStatus> newArtifacts,
            @Nullable EventTotals newEvents,
            @Nullable LearnedPermissions newLearned) {
        return changed(files, newResult, newArtifacts, newEvents, timings, newLearned, refused);
    }

    /** The same report, of a run that was refused these connections. */
    public RunReport withRefused(@Nullable List<RefusedConnection> connections) {
        return changed(files, result, artifacts, events, timings, learned, connections);
    }

    /** The same report with what the gateway measured beside the launcher's own timings. */
    public RunReport at(@Nullable Long deliveredMillis) {
        ReportedTimings own = timings == null ? new ReportedTimings(null, null, null, null) : timings;
        return changed(
                files,
                result,
                artifacts,
                events,
                new ReportedTimings(deliveredMillis, own.startedMillis(), own.finishedMillis(), own.collectedMillis()),
                learned,
                refused);
    }

    /** The same report, said by this session. */
    public RunReport saidBy(String bySession, @Nullable String ofInput, @Nullable Boolean codeRan) {
        return new RunReport(
                attempt,
                bySession,
                ofInput,
                files,
                reason,
                exitCode,
                signal,
                message,
                result,
                resultProblem,
                artifacts,
                undeclared,
                events,
                metrics,
                timings,
                logTail,
                learned,
                refused,
                codeRan);
    }

    /** The same report with these in place of its largest texts. */
    public RunReport fitted(
            @Nullable JsonNode newResult, @Nullable String newResultProblem, @Nullable String newLogTail) {
        return new RunReport(
                attempt,
                session,
                inputHash,
                files,
                reason,
                exitCode,
                signal,
                message,
                newResult,
                newResultProblem,
                artifacts,
                undeclared,
                events,
                metrics,
                timings,
                newLogTail,
                learned,
                refused,
                started);
    }

    /** Of a run of which nothing else is known. */
    public static RunReport begun(
            @Nullable Integer attempt,
            @Nullable String session,
            @Nullable String inputHash,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Boolean started) {
        return new RunReport(
                attempt, session, inputHash, null, reason, null, null, message, null, null, null, null, null, null,
                null, null, null, null, started);
    }

    /** Which run it is about and how that ended, and nothing else. */
    public RunReport only() {
        return begun(attempt, session, null, reason, null, null);
    }

    private RunReport changed(
            @Nullable List<FileDigest> newFiles,
            @Nullable JsonNode newResult,
            @Nullable List<ArtifactStatus> newArtifacts,
            @Nullable EventTotals newEvents,
            @Nullable ReportedTimings newTimings,
            @Nullable LearnedPermissions newLearned,
            @Nullable List<RefusedConnection> newRefused) {
        return new RunReport(
                attempt,
                session,
                inputHash,
                newFiles,
                reason,
                exitCode,
                signal,
                message,
                newResult,
                resultProblem,
                newArtifacts,
                undeclared,
                newEvents,
                metrics,
                newTimings,
                logTail,
                newLearned,
                newRefused,
                started);
    }
}
