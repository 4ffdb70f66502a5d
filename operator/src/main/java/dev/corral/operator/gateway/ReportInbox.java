package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.EventTotals;
import dev.corral.api.v1alpha1.FileDigest;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.spec.Recent;
import dev.corral.operator.status.PlainText;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a run's report is written: for the session of the current attempt only, locked by the resourceVersion that was read, and so that
 * saying something twice changes nothing.
 */
final class ReportInbox {
    private static final int TRIES = 10;
    /** The whole status stays below 32 KiB, and the controller has its own part of it. */
    private static final int MAX_REPORT = 22 * 1024;

    /** Reports written at a time that no controller took; more than one, so that one that hangs does not stop the others. */
    private static final int TURNS = 2;
    /** With the controller's time less than the ten seconds a launcher gives its report per try. */
    private static final Duration IN_LINE = Duration.ofSeconds(7);

    private static final EventTotals NO_EVENTS = new EventTotals(0, 0, 0, 0);
    /** Reasons that only a run can have in which plugin code was started, even if word of the start was lost. */
    private static final Set<String> CODE_RAN = Set.of(
            "HandlerReturned",
            "HandlerFailed",
            "TimedOut",
            "MemoryExceeded",
            "DiskExceeded",
            "OutputExceeded",
            "CpuTimeExceeded");

    private final GatewayCluster cluster;
    private final ArtifactStore store;
    private final PluginEvents events;
    private final Lessons lessons;
    private final Refusals refusals;
    private final ReportStream stream;
    private final Semaphore turns = new Semaphore(TURNS, true);
    private final Recent<SessionId, Delivered> delivered = new Recent<>(65_536);

    ReportInbox(
            GatewayCluster cluster, ArtifactStore store, PluginEvents events, Refusals refusals, ReportStream stream) {
        this.cluster = cluster;
        this.stream = stream;
        this.refusals = refusals;
        this.store = store;
        this.events = events;
        this.lessons = new Lessons(store);
    }

    /** What a session was handed, and how long after the claim. */
    private record Delivered(String inputHash, List<FileDigest> files, long millisSinceClaim) {}

    /** Remembers which input and which files went out, for the reports to come. */
    void delivered(SessionId id, String inputHash, List<FileDigest> files, long millisSinceClaim) {
        delivered.put(id, new Delivered(inputHash, files, millisSinceClaim));
    }

    /** What it knows of runs, so that somebody forgets it with them. */
    Recent<SessionId, ?> memory() {
        return delivered;
    }

    /** Plugin code runs; also if word of it arrives after the report. */
    void started(BoundRun bound) {
        write(bound, run -> {
            var known = run.report();
            return known.isPresent()
                    ? known.get().saidBy(run.id().session(), known.get().inputHash(), true)
                    : begun(run);
        });
    }

    /** A connection was refused for the first time; how often it was in the end stands in the final report. */
    void refused(BoundRun bound) {
        write(bound, run -> {
            var known = run.report().orElseGet(() -> begun(run));
            return known.withRefused(refusals.of(run.id(), known.refused()));
        });
    }

    /** The assignment cannot be completed, so the launcher will never report: the gateway says why in its place. */
    void impossible(BoundRun bound, String reason, String why) {
        var message = PlainText.line(why, 1024);
        write(
                bound,
                run -> run.report()
                        .orElseGet(
                                () -> RunReport.begun(run.attempt(), run.id().session(), null, reason, message, null)));
    }

    /** Takes the launcher's report; the first one stands. */
    void report(BoundRun bound, ObjectNode body) {
        var report = Reports.read(body)
                .filter(read -> Reports.LAUNCHERS_REASONS.contains(read.reason())
                        || bound.stopOrder()
                                .filter(order -> order.equals(read.reason()))
                                .isPresent())
                .orElseThrow(() -> Refusal.malformed("this is not a report"));
        Function<BoundRun, RunReport> last = run -> {
            if (!Objects.equals(report.attempt(), run.attempt())) {
                throw Refusal.notBound();
            }
            return run.reported() ? run.report().orElseThrow() : complete(run, lessons.taught(run, body, report));
        };
        // what a launcher says that was told to stop may not be the end
        var plain = !bound.ended() && bound.stopOrder().isEmpty() && !report.interrupted();
        events.announceDropped(bound, plain ? leave(bound, last) : write(bound, last));
    }

    /**
     * Has the controller write it with the end; what it does not, the gateway writes. Few at a time: a controller that starts among runs that
     * ended without it needs the API server more than they, and ends those that still wait by one write each.
     */
    private RunReport leave(BoundRun bound, Function<BoundRun, RunReport> last) {
        var whole = last.apply(bound);
        if (!whole.completes(bound.execution().getStatus().report())) {
            return write(bound, last);
        }
        while (true) {
            var heard = stream.isHeard();
            if (heard && stream.isTaken(bound, whole)) {
                return whole;
            }
            awaitTurn();
            try {
                if (stream.isOver(bound)) {
                    return whole;
                }
                if (heard || !stream.isHeard()) {
                    return write(bound, last);
                } // else a controller came meanwhile
            } finally {
                turns.release();
            }
        }
    }

    private void awaitTurn() {
        try {
            if (turns.tryAcquire(IN_LINE.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        throw new ClusterUnavailable("more reports wait than can be written");
    }

    private RunReport write(BoundRun bound, Function<BoundRun, RunReport> merge) {
        var name = bound.name();
        for (var i = 0; i < TRIES; i++) {
            var first = i == 0;
            // the watch is seldom behind, and the version tells when it is: most reports cost no read
            var known = Optional.of(bound.execution()).filter(execution -> first && !bound.ended());
            var run = known.or(() -> cluster.execution(name.namespace(), name.name()))
                    .flatMap(execution -> BoundRun.of(execution, bound.id()))
                    .filter(current -> !current.ended() || current.reported())
                    .orElseThrow(Refusal::notBound);
            var report = merge.apply(run);
            var unchanged = run.report().filter(report::equals).isPresent();
            if (unchanged || cluster.applyReport(run.execution(), report)) {
                return report;
            }
        }
        throw new ClusterUnavailable("the execution kept changing");
    }

    private RunReport complete(BoundRun run, RunReport report) {
        var known = run.report();
        var started = CODE_RAN.contains(report.reason())
                ? Boolean.TRUE
                : known.map(RunReport::started).orElse(null);
        var hash = known.map(RunReport::inputHash).orElseGet(() -> inputHash(run));
        var totals = events.totals(run, Objects.requireNonNullElse(report.events(), NO_EVENTS));
        var artifacts = Objects.requireNonNullElse(report.artifacts(), List.<ArtifactStatus>of()).stream()
                .map(artifact -> stored(run, report, artifact))
                .toList();
        var told = run.stopOrder().isPresent()
                ? report.fitted(null, "withheld: the run was stopped", report.logTail())
                : report;
        var files = known.map(RunReport::files).orElseGet(() -> files(run));
        return fitted(told.with(told.result(), artifacts, totals, told.learned())
                .at(delivered.get(run.id()).map(Delivered::millisSinceClaim).orElse(null))
                .saidBy(run.id().session(), hash, started)
                .withFiles(files)
                .withRefused(refusals.of(run.id(), known.map(RunReport::refused).orElse(null))));
    }

    /** What the store received is what there is, whatever the launcher says it sent. */
    private ArtifactStatus stored(BoundRun run, RunReport report, ArtifactStatus reported) {
        if (!"Ready".equals(reported.state())) {
            return absent(reported, reported.state(), reported.problem());
        }
        var name = run.name();
        return store.find(run.key(reported.name()))
                .map(found -> new ArtifactStatus(
                        reported.name(),
                        "corral://" + name.namespace() + "/" + name.name() + "/" + reported.name(),
                        found.sha256(),
                        found.size(),
                        found.type(),
                        "Ready",
                        reported.problem(),
                        found.expires().map(Object::toString).orElse(null)))
                .map(kept -> run.stopOrder().isPresent() ? kept.quarantined() : kept)
                .orElseGet(() -> absent(reported, "Failed", "the bytes never arrived"));
    }

    private static ArtifactStatus absent(ArtifactStatus reported, @Nullable String state, @Nullable String problem) {
        return new ArtifactStatus(reported.name(), null, null, null, reported.type(), state, problem, null);
    }

    /** First the end of the output gives way, then the result. */
    private static RunReport fitted(RunReport report) {
        var fitting = report;
        if (size(fitting) > MAX_REPORT) {
            var end = PlainText.cut(Objects.requireNonNullElse(fitting.logTail(), ""), 1024);
            fitting = fitting.fitted(fitting.result(), fitting.resultProblem(), end);
        }
        if (size(fitting) > MAX_REPORT) {
            fitting = fitting.fitted(null, "the status has no room for the result", fitting.logTail());
        }
        return fitting;
    }

    private static int size(RunReport report) {
        return Json.bytes(Json.tree(report)).length;
    }

    /** The first word of a run: its code was started. */
    private RunReport begun(BoundRun run) {
        return RunReport.begun(run.attempt(), run.id().session(), inputHash(run), null, null, true)
                .withFiles(files(run));
    }

    /** Absent where there are none, or where the process that delivered them is gone. */
    private @Nullable List<FileDigest> files(BoundRun run) {
        return delivered
                .get(run.id())
                .map(Delivered::files)
                .filter(files -> !files.isEmpty())
                .orElse(null);
    }

    private @Nullable String inputHash(BoundRun run) {
        return delivered
                .get(run.id())
                .map(Delivered::inputHash)
                .orElseGet(() -> Assignments.inlineHash(run.execution()));
    }
}
