package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.EventTotals;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.RunReport;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where {@code status.report} is written: for the session of the current attempt only, locked by the resourceVersion that was read, and
 * so that saying something twice changes nothing.
 */
final class ReportInbox {
    private static final int TRIES = 10;
    /** The whole status stays below 32 KiB, and the controller has its own part of it. */
    private static final int MAX_REPORT = 24 * 1024;

    private static final Set<String> CODE_RAN =
            Set.of("HandlerReturned", "HandlerFailed", "TimedOut", "MemoryExceeded", "DiskExceeded", "OutputExceeded");

    private final GatewayCluster cluster;
    private final ArtifactStore store;
    private final PluginEvents events;
    private final Recent<SessionId, String> delivered = new Recent<>(65_536);

    ReportInbox(GatewayCluster cluster, ArtifactStore store, PluginEvents events) {
        this.cluster = cluster;
        this.store = store;
        this.events = events;
    }

    /** Remembers which input went out, for the reports to come. */
    void delivered(SessionId id, String inputHash) {
        delivered.put(id, inputHash);
    }

    void started(NamespacedName name, SessionId id) {
        write(name, id, execution -> {
            var known = known(execution, id);
            return known.isPresent()
                    ? of(known.get(), id.session(), known.get().inputHash(), true)
                    : bare(execution, id, inputHash(execution, id), null, null, true);
        });
    }

    /** The assignment cannot be completed, so the launcher will never report: the gateway says why in its place. */
    void impossible(NamespacedName name, SessionId id, String why) {
        write(
                name,
                id,
                execution -> known(execution, id)
                        .orElseGet(
                                () -> bare(execution, id, null, "InputUnavailable", PlainText.line(why, 1024), null)));
    }

    /** Takes the launcher's report; the first one stands. */
    void report(NamespacedName name, SessionId id, ObjectNode body) {
        var report = Reports.read(body).orElseThrow(() -> Refusal.malformed("this is not a report"));
        var written = write(name, id, execution -> {
            if (!Objects.equals(
                    report.attempt(), execution.getStatus().attempt().number())) {
                throw Refusal.notBound();
            }
            var known = known(execution, id);
            return known.filter(earlier -> earlier.reason() != null)
                    .orElseGet(() -> complete(execution, id, report, known));
        });
        events.announceDropped(written.execution(), written.report());
    }

    /** The same report, said by this session. */
    static RunReport of(RunReport report, String session, @Nullable String inputHash, @Nullable Boolean started) {
        return new RunReport(
                report.attempt(),
                session,
                inputHash,
                report.reason(),
                report.exitCode(),
                report.signal(),
                report.message(),
                report.result(),
                report.resultProblem(),
                report.artifacts(),
                report.undeclared(),
                report.events(),
                report.metrics(),
                report.timings(),
                report.logTail(),
                started);
    }

    private Written write(NamespacedName name, SessionId id, Function<PluginExecution, RunReport> merge) {
        for (var i = 0; i < TRIES; i++) {
            var execution = cluster.execution(name.namespace(), name.name())
                    .filter(candidate -> Executions.binds(candidate, id))
                    .orElseThrow(Refusal::notBound);
            var report = merge.apply(execution);
            if (report.equals(execution.getStatus().report()) || cluster.applyReport(execution, report)) {
                return new Written(execution, report);
            }
        }
        throw new ClusterUnavailable("the execution kept changing");
    }

    private RunReport complete(PluginExecution execution, SessionId id, RunReport report, Optional<RunReport> known) {
        var started = CODE_RAN.contains(report.reason())
                ? Boolean.TRUE
                : known.map(RunReport::started).orElse(null);
        var hash = known.map(RunReport::inputHash).orElseGet(() -> inputHash(execution, id));
        var totals = events.totals(execution, id, report.events());
        var artifacts = report.artifacts().stream()
                .map(artifact -> stored(execution, artifact))
                .toList();
        return fitted(of(
                replaced(report, report.result(), report.resultProblem(), report.logTail(), artifacts, totals),
                id.session(),
                hash,
                started));
    }

    /** What the store received is what there is, whatever the launcher says it sent. */
    private ArtifactStatus stored(PluginExecution execution, ArtifactStatus reported) {
        if (!"Ready".equals(reported.state())) {
            return new ArtifactStatus(
                    reported.name(), null, null, null, reported.type(), reported.state(), reported.problem(), null);
        }
        var metadata = execution.getMetadata();
        var attempt = execution.getStatus().attempt().number();
        var uri = "corral://" + metadata.getNamespace() + "/" + metadata.getName() + "/" + reported.name();
        return store.find(new ArtifactKey(metadata.getUid(), attempt, reported.name()))
                .map(found -> new ArtifactStatus(
                        reported.name(),
                        uri,
                        found.sha256(),
                        found.size(),
                        found.type(),
                        "Ready",
                        reported.problem(),
                        found.expires().map(Object::toString).orElse(null)))
                .orElseGet(() -> new ArtifactStatus(
                        reported.name(), null, null, null, reported.type(), "Failed", "the bytes never arrived", null));
    }

    private static RunReport fitted(RunReport report) {
        var fitting = report;
        if (size(fitting) > MAX_REPORT) {
            fitting = replaced(
                    fitting, fitting.result(), fitting.resultProblem(), PlainText.cut(fitting.logTail(), 1024));
        }
        if (size(fitting) > MAX_REPORT) {
            fitting = replaced(fitting, null, "the report is too large to hold the result", fitting.logTail());
        }
        return fitting;
    }

    private static int size(RunReport report) {
        return Json.bytes(Json.tree(report)).length;
    }

    private static RunReport replaced(
            RunReport report, @Nullable JsonNode result, @Nullable String resultProblem, @Nullable String logTail) {
        return replaced(report, result, resultProblem, logTail, report.artifacts(), report.events());
    }

    private static RunReport replaced(
            RunReport report,
            @Nullable JsonNode result,
            @Nullable String resultProblem,
            @Nullable String logTail,
            List<ArtifactStatus> artifacts,
            EventTotals totals) {
        return new RunReport(
                report.attempt(),
                report.session(),
                report.inputHash(),
                report.reason(),
                report.exitCode(),
                report.signal(),
                report.message(),
                result,
                resultProblem,
                artifacts,
                report.undeclared(),
                totals,
                report.metrics(),
                report.timings(),
                logTail,
                report.started());
    }

    private static RunReport bare(
            PluginExecution execution,
            SessionId id,
            @Nullable String inputHash,
            @Nullable String reason,
            @Nullable String message,
            @Nullable Boolean started) {
        return new RunReport(
                execution.getStatus().attempt().number(),
                id.session(),
                inputHash,
                reason,
                null,
                null,
                message,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                started);
    }

    private @Nullable String inputHash(PluginExecution execution, SessionId id) {
        return delivered.get(id).or(() -> Assignments.inlineHash(execution)).orElse(null);
    }

    private static Optional<RunReport> known(PluginExecution execution, SessionId id) {
        return Optional.ofNullable(execution.getStatus().report())
                .filter(report -> id.session().equals(report.session()));
    }

    private record Written(PluginExecution execution, RunReport report) {}
}
