package dev.corral.operator.status;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.DecidedPlugin;
import dev.corral.api.v1alpha1.DecidedPolicy;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.api.v1alpha1.ErrorDetail;
import dev.corral.api.v1alpha1.PlanPreview;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.QueueStatus;
import dev.corral.api.v1alpha1.RunMetrics;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.api.v1alpha1.RunTimings;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The next status of one execution, started from what it was. Holds only what the controller's field manager owns:
 * {@code report}, {@code result}, {@code artifacts}, {@code events} and {@code learned} are the gateway's, except of a report that it left to us.
 */
public final class StatusDraft {
    /** Length of what Ready and Stalled repeat of the message in Succeeded. */
    private static final int SUMMARY = 256;

    /** The pod was made for the run. */
    public static final String COLD = "Cold";
    /** The pod waited in a pool. */
    public static final String WARM = "Warm";
    /** What {@code state} may be at the end. */
    public static final List<String> END_STATES = List.of("Succeeded", "Planned", "Denied", "Failed");

    private final PluginExecution execution;
    private final Instant decided;
    private final Instant now;
    private final ConditionSet conditions;
    private final @Nullable PluginExecutionStatus before;

    private @Nullable String verdict;
    private @Nullable String state;
    private @Nullable String start;
    private @Nullable String coldReason;
    private @Nullable String startTime;
    private @Nullable String completionTime;
    private @Nullable String duration;
    private @Nullable String inputHash;
    private @Nullable DecidedPlugin plugin;
    private @Nullable DecidedPolicy policy;
    private @Nullable List<String> effectivePermissions;
    private @Nullable List<EnforcementStatus> enforcement;
    private @Nullable Attempt attempt;
    private @Nullable DecidedAssignment assignment;
    private @Nullable RunMetrics metrics;
    private @Nullable RunTimings timings;
    private @Nullable ErrorDetail error;
    private @Nullable String logTail;
    private @Nullable PlanPreview plan;
    /** The report that the gateway left to us. */
    private @Nullable RunReport left;

    private @Nullable QueueStatus queue;
    private @Nullable String installation;

    /** {@code decided}: when its pod was decided on, or now; without a status that is also when the controller first saw it. */
    public StatusDraft(PluginExecution execution, Instant decided, Instant now) {
        this(execution, decided, decided, now);
    }

    /** {@code seen}: when the controller first saw the execution, if it has no status yet. */
    public StatusDraft(PluginExecution execution, Instant seen, Instant decided, Instant now) {
        this.execution = execution;
        this.decided = decided;
        this.now = now;
        this.before = execution.getStatus();
        List<Condition> previous = before == null ? null : before.conditions();
        this.conditions = new ConditionSet(previous, generation(), now);
        if (before != null) {
            verdict = before.verdict();
            state = before.state();
            start = before.start();
            coldReason = before.coldReason();
            startTime = before.startTime();
            completionTime = before.completionTime();
            duration = before.duration();
            inputHash = before.inputHash();
            plugin = before.plugin();
            policy = before.policy();
            effectivePermissions = before.effectivePermissions();
            enforcement = before.enforcement();
            attempt = before.attempt();
            assignment = before.assignment();
            metrics = before.metrics();
            timings = before.timings();
            error = before.error();
            logTail = before.logTail();
            plan = before.plan();
            queue = before.queue();
            installation = before.installation();
        }
        if (startTime == null) {
            // who was seen first has the first turn, and a watch brings many within a millisecond
            startTime = seen.truncatedTo(ChronoUnit.MICROS).toString();
        }
    }

    private long generation() {
        Long generation = execution.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    /** When the controller first saw it. The zero of every duration in this status. */
    public Instant startTime() {
        return time(startTime).orElse(now);
    }

    /** When the present attempt could start: the zero of its pending clock. */
    public Instant pendingSince() {
        return attempt == null ? startTime() : time(attempt.notBefore()).orElseGet(this::startTime);
    }

    public ConditionSet conditions() {
        return conditions;
    }

    public StatusDraft verdict(String value) {
        verdict = value;
        return this;
    }

    public StatusDraft decided(
            String hash, DecidedPlugin decidedPlugin, DecidedPolicy decidedPolicy, List<String> lines) {
        inputHash = hash.isEmpty() ? null : hash;
        plugin = decidedPlugin;
        policy = decidedPolicy;
        effectivePermissions = lines;
        if (timings == null) {
            timings = new RunTimings(sinceStart(decided), sinceStart(decided), null, null, null, null, null, null);
        }
        return this;
    }

    public StatusDraft enforcement(@Nullable List<EnforcementStatus> rows) {
        enforcement = rows;
        return this;
    }

    public StatusDraft attempt(Attempt value) {
        attempt = value;
        return this;
    }

    /** Another attempt follows: what the last one left is not what the execution leaves. */
    public StatusDraft again(Attempt next) {
        left = null;
        return attempt(next);
    }

    public StatusDraft imageID(String imageID) {
        if (plugin != null) {
            plugin = new DecidedPlugin(
                    plugin.kind(),
                    plugin.name(),
                    plugin.uid(),
                    plugin.generation(),
                    plugin.version(),
                    plugin.image(),
                    imageID);
        }
        return this;
    }

    /** {@code from}: Cold or Warm. */
    public StatusDraft claimed(Attempt claim, DecidedAssignment what, Instant podReady, String from) {
        attempt = claim;
        assignment = what;
        start = from;
        if (from.equals(WARM)) {
            coldReason = null;
        }
        Long ready = podReady.equals(Instant.EPOCH)
                ? null
                : Math.max(0, Duration.between(startTime(), podReady).toMillis());
        timings = new RunTimings(
                timings == null ? null : timings.accepted(),
                timings == null ? null : timings.decided(),
                ready,
                sinceStart(now),
                null,
                null,
                null,
                null);
        return this;
    }

    /** The claim is taken back: nothing has run. */
    public StatusDraft unclaimed(Attempt next) {
        attempt = next;
        assignment = null;
        start = null;
        conditions.no(ConditionType.Running, ConditionReason.NotRunning, "");
        return this;
    }

    public StatusDraft plan(@Nullable PlanPreview preview) {
        plan = preview;
        return this;
    }

    /** Still on the way. */
    public StatusDraft reconciling(String newState, ConditionReason reason, String message) {
        state = newState;
        conditions
                .yes(ConditionType.Reconciling, reason, message)
                .no(ConditionType.Ready, reason, message)
                .unknown(ConditionType.Succeeded, reason, message);
        return this;
    }

    /** Suspended runs have no clock: it starts when they are resumed. */
    public StatusDraft suspended() {
        reconciling("Suspended", ConditionReason.Suspended, "set spec.suspend to false to go on");
        startTime = null;
        queue = null;
        attempt = attempt == null ? null : new Attempt(attempt.number(), null, null, null, null, null);
        return this;
    }

    public StatusDraft running(String message) {
        state = "Running";
        conditions
                .yes(ConditionType.Running, ConditionReason.HandlerRunning, message)
                .yes(ConditionType.Reconciling, ConditionReason.HandlerRunning, message)
                .no(ConditionType.Ready, ConditionReason.HandlerRunning, message)
                .unknown(ConditionType.Succeeded, ConditionReason.HandlerRunning, message);
        return this;
    }

    /** An order to stop: the gateway passes {@code reason} on to the launcher, which reports once everything of the run is dead. */
    public StatusDraft stopping(ConditionReason reason, String message) {
        reconciling("Stopping", reason, message);
        conditions.no(ConditionType.Running, reason, message);
        return this;
    }

    /**
     * The execution is cancelled. The gateway tells the launcher by itself, and what that reports is the end; here it is remembered since when.
     * Not as an order to stop, which withholds what the run leaves.
     */
    public StatusDraft cancelling() {
        String message = "cancelled; the launcher is told to stop the handler";
        reconciling("Stopping", ConditionReason.Cancelled, message);
        conditions.unknown(ConditionType.Running, ConditionReason.Cancelled, message);
        return this;
    }

    /** What the launcher said; {@code ours} when the gateway has not written it. */
    public StatusDraft report(RunReport report, boolean ours) {
        Reported said = new Reported(report);
        said.metrics().ifPresent(found -> {
            metrics = found;
            duration = found.wall();
        });
        timings = said.timings(timings, sinceStart(now)).orElse(timings);
        logTail = said.logTail().orElse(logTail);
        left = ours ? report : null;
        return this;
    }

    /** Only how it ends, and which pod it had: what else was decided takes room. */
    public StatusDraft bare() {
        inputHash = null;
        policy = null;
        effectivePermissions = null;
        enforcement = null;
        assignment = null;
        timings = null;
        plan = null;
        return this;
    }

    /** The one terminal write. */
    public StatusDraft ended(Ending ending) {
        state = ending.good() ? "Succeeded" : ending.reason() == ConditionReason.Denied ? "Denied" : "Failed";
        if (ending.reason() == ConditionReason.Planned) {
            state = "Planned";
        }
        completionTime = seconds(now);
        queue = inLine() ? null : queue;
        if (ending.good()) {
            conditions
                    .yes(ConditionType.Succeeded, ending.reason(), ending.message())
                    .yes(ConditionType.Ready, ending.reason(), ending.message())
                    .no(ConditionType.Stalled, ending.reason(), "");
        } else {
            conditions
                    .no(ConditionType.Succeeded, ending.reason(), ending.message())
                    .no(ConditionType.Ready, ending.reason(), PlainText.shown(ending.message(), SUMMARY))
                    .yes(ConditionType.Stalled, ending.reason(), PlainText.shown(ending.message(), SUMMARY));
            error = new ErrorDetail(
                    ending.code(),
                    PlainText.shown(ending.message(), ConditionSet.MESSAGE_LIMIT),
                    Redactor.details(ending.details()),
                    ending.remediation());
        }
        conditions
                .no(ConditionType.Reconciling, ending.reason(), "")
                .no(ConditionType.Running, ConditionReason.NotRunning, "");
        return this;
    }

    public PluginExecutionStatus build() {
        return new PluginExecutionStatus(
                generation(),
                conditions.list(),
                verdict,
                state,
                start,
                coldReason,
                startTime,
                completionTime,
                duration,
                inputHash,
                plugin,
                policy,
                effectivePermissions,
                enforcement,
                attempt,
                assignment,
                left == null ? null : left.result(),
                left == null ? null : left.artifacts(),
                left == null ? null : left.events(),
                metrics,
                timings,
                error,
                logTail,
                plan,
                left == null ? null : left.learned(),
                left == null || !completes(left) ? null : left.with(null, null, null, null),
                queue,
                installation);
    }

    /** What the gateway began, and this does not complete, stays the gateway's. */
    private boolean completes(RunReport report) {
        return before == null || report.completes(before.report());
    }

    /** The installation that has the execution from this write on. */
    public StatusDraft by(String namespace) {
        installation = namespace;
        return this;
    }

    /** In line for its turn. */
    public StatusDraft queued(QueueStatus where, ConditionReason reason, String message) {
        reconciling("Queued", reason, message);
        queue = where;
        return this;
    }

    /** Its turn has come, if it was in line: what stays is when that was. */
    public StatusDraft unqueued() {
        if (inLine()) {
            queue = new QueueStatus(null, null, seconds(decided));
        }
        return this;
    }

    private boolean inLine() {
        return queue != null && queue.position() != null;
    }

    /** When its turn came, of one that was in line. */
    public Optional<Instant> turn() {
        return queue == null || inLine() ? Optional.empty() : time(queue.time());
    }

    /** Why there was no pod in a pool for it. */
    public StatusDraft cold(Optional<String> reason) {
        coldReason = reason.orElse(null);
        return this;
    }

    private long sinceStart(Instant moment) {
        return Math.max(0, Duration.between(startTime(), moment).toMillis());
    }

    private static String seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** A time as it stands in a status; unreadable ones count as absent. */
    public static Optional<Instant> time(@Nullable String text) {
        try {
            return text == null ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeParseException unreadable) {
            return Optional.empty();
        }
    }
}
