package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.decide.Admission.Admitted;
import dev.corral.operator.event.EventNote;
import dev.corral.operator.observe.Observation;
import dev.corral.operator.observe.Observation.Absent;
import dev.corral.operator.observe.Observation.ExitCause;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.Observation.Lost;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.Running;
import dev.corral.operator.observe.Observation.WaitCause;
import dev.corral.operator.observe.Observation.Waiting;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.queue.Place;
import dev.corral.operator.queue.Ticket;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.render.PodRenderer;
import dev.corral.operator.spec.SpecReader;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.Redactor;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The life of an execution: verdict, plan, pod, proof, claim, report, end. A pure function, right after a crash between any two of
 * its effects: names are derived, creations repeat harmlessly, and every status write fails if anybody wrote since the snapshot.
 */
public final class Decider {
    /** Reason of the Event about what policies in Audit would do. */
    public static final String AUDITED = "PolicyAudited";
    /** After a warm claim, when a run that is longer than most takes its pod over. */
    static final Duration ADOPTION = Duration.ofSeconds(1);
    /** Two claims of one pod: how soon to see what became of them. */
    private static final Duration CONTEST = Duration.ofMillis(200);

    private final Admission admission;
    private final Revocation revocation;
    private final Clocks clocks;

    Decider(Admission admission, Revocation revocation, Clocks clocks) {
        this.admission = admission;
        this.revocation = revocation;
        this.clocks = clocks;
    }

    /** With everything in it that is pure. */
    public static Decider standard(AlwaysExcepted excepted, Clocks clocks) {
        return new Decider(new Admission(excepted), new Revocation(excepted), clocks);
    }

    /** Decides. A mistake of ours fails the run closed: it must neither hang nor start. */
    public Decision decide(Snapshot world, Instant now) {
        try {
            return judge(world, now);
        } catch (RuntimeException mistake) { // the one place that catches everything
            return failClosed(world, now, mistake);
        }
    }

    private Decision failClosed(Snapshot world, Instant now, RuntimeException mistake) {
        if (RunState.ended(world.execution().getStatus())) {
            return Decision.nothing();
        }
        StackTraceElement[] stack = mistake.getStackTrace();
        String where = Arrays.stream(stack)
                .filter(frame -> frame.getClassName().startsWith("dev.corral."))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse("unknown");
        return end(
                world,
                new StatusDraft(world.execution(), RunState.decided(world).orElse(now), now),
                new Ending(
                        ConditionReason.InternalError,
                        "Corral could not decide: " + mistake.getClass().getSimpleName() + " at " + where,
                        Map.of("at", where)));
    }

    private Decision judge(Snapshot world, Instant now) {
        PluginExecution execution = world.execution();
        if (execution.getMetadata().getDeletionTimestamp() != null) {
            return Decision.nothing(); // the owner reference takes the pod along
        }
        PluginExecutionStatus status = execution.getStatus();
        if (RunState.ended(status)) {
            return new Retention(clocks.logs()).afterEnd(world, now);
        }
        Instant decided = RunState.decided(world).orElse(now);
        Instant seen = world.seen().filter(decided::isAfter).orElse(decided);
        StatusDraft draft = new StatusDraft(execution, seen, decided, now);
        return Claim.of(status)
                .map(claim -> afterClaim(world, draft, claim, now))
                .orElseGet(() -> beforeClaim(world, draft, now));
    }

    // ---- before the claim: nothing of the plugin has run, everything may still change

    private Decision beforeClaim(Snapshot world, StatusDraft draft, Instant now) {
        PluginExecutionSpec spec = world.execution().getSpec();
        if (spec == null) {
            return end(world, draft, Ending.of(ConditionReason.Malformed, "spec is missing or cannot be read"));
        }
        if (Boolean.TRUE.equals(spec.cancel())) {
            return end(world, draft, Ending.of(ConditionReason.Cancelled, "cancelled before the handler was started"));
        }
        if (Boolean.TRUE.equals(spec.suspend())) {
            return Decision.write(draft.suspended().build()).clearing(RunState.deletePod(world));
        }
        return switch (admission.admit(world, RunState.attempt(world.execution()), now, draft)) {
            case Admission.Missing missing -> waitFor(world, draft, missing.reason(), missing.message(), now);
            case Admission.Refused refused -> refuse(world, draft, refused.ending(), now);
            case Admission.Planned planned -> end(world, draft.plan(planned.preview()), planned.ending());
            case Admitted admitted -> start(world, draft, admitted, now);
        };
    }

    /**
     * A denial is final only when it still stands some seconds after the execution was first seen: a policy that was applied together
     * with it may reach the caches a moment later.
     */
    private Decision refuse(Snapshot world, StatusDraft draft, Ending ending, Instant now) {
        Duration left = Duration.between(now, draft.startTime().plus(clocks.settle()));
        if (ending.reason() != ConditionReason.Denied || !left.isPositive()) {
            return end(world, draft, ending);
        }
        draft.reconciling("Pending", ending.reason(), ending.message());
        return unlessSame(world, draft).again(left);
    }

    private Decision start(Snapshot world, StatusDraft draft, Admitted admitted, Instant now) {
        ExecutionPlan plan = admitted.plan();
        Optional<Pod> pod = world.pod();
        Duration early = Duration.between(
                now, StatusDraft.time(RunState.notBefore(world.execution())).orElse(now));
        if (early.isPositive()) {
            return Decision.nothing().again(early);
        }
        if (pod.isPresent() && !RunState.owned(pod.get(), plan.run())) {
            return end(
                    world,
                    draft,
                    Ending.of(
                            ConditionReason.NameConflict,
                            "pod " + ObjectNames.pod(plan.run()) + " exists and is not ours; it was not touched"));
        }
        if (pod.isPresent() && pod.get().getMetadata().getDeletionTimestamp() != null) {
            return Decision.nothing().again(Duration.ofSeconds(1)); // its name is free again soon; it is never claimed
        }
        if (pod.isPresent() && !RunState.samePlan(pod.get(), plan)) {
            // policy or plugin changed before the claim: the stricter, newer verdict wins and the old pod never runs
            // anything
            return Decision.nothing().clearing(RunState.deletePod(world)).again(Duration.ofSeconds(1));
        }
        pod.ifPresent(made -> draft.attempt(new Attempt(
                plan.run().attempt(),
                made.getMetadata().getName(),
                null,
                null,
                null,
                RunState.notBefore(world.execution()))));
        Optional<StopOrder> widened =
                StopOrders.widened(world, () -> plan.permissions().tolerateUnenforced());
        if (widened.isPresent()) {
            return waitFor(world, draft, widened.get().reason(), widened.get().message(), now);
        }
        if (pod.isEmpty()) {
            Optional<Decision> held = hold(world, draft, plan, now);
            if (held.isPresent()) {
                return held.get();
            }
        }
        draft.unqueued();
        return switch (PodReader.read(pod, world.unmounted())) {
            case Absent absent ->
                startWarm(world, draft, admitted, now).orElseGet(() -> createPod(world, draft, plan, now));
            case Waiting waiting ->
                PodReader.unproven(waiting)
                        .filter(ready -> plan.permissions().tolerateUnenforced().contains("network"))
                        .map(ready -> claim(world, draft, admitted, ready, pod.orElseThrow(), StatusDraft.COLD, now))
                        .orElseGet(() -> waiting(world, draft, waiting, now));
            case Running running ->
                waitFor(world, draft, ConditionReason.Proving, "the launcher is proving the sandbox", now);
            case Ready ready -> claim(world, draft, admitted, ready, pod.orElseThrow(), StatusDraft.COLD, now);
            case Exited exited -> retryOrEnd(world, draft, plan.run().attempt(), Endings.beforeClaim(exited), now);
            case Lost lost ->
                retryOrEnd(
                        world,
                        draft,
                        plan.run().attempt(),
                        Ending.of(ConditionReason.Lost, lost.detail() + "; nothing had run"),
                        now);
        };
    }

    /** Where policies bound how many run at once, or a quota is full, it starts when its turn comes. */
    private Optional<Decision> hold(Snapshot world, StatusDraft draft, ExecutionPlan plan, Instant now) {
        Optional<Place> place = world.standing().place();
        if (place.isEmpty()) {
            if (!Bounds.any(world) && !world.standing().quotaFull()) {
                return Optional.empty();
            }
            boolean needsPod = WarmStart.choose(world, plan).isEmpty();
            Ticket ticket = Bounds.ticket(world, needsPod, now);
            return ticket.gates().isEmpty() && !(needsPod && world.standing().quotaFull())
                    ? Optional.empty()
                    : Optional.of(Decision.asking(ticket));
        }
        if (place.get() instanceof Place.Full full) {
            return Optional.of(end(world, draft, Queueing.full(full)));
        }
        return Queueing.of(place.get()).map(queueing -> {
            Duration left = Duration.between(now, draft.pendingSince().plus(clocks.queued()));
            return left.isPositive()
                    ? queueing.tell(draft, world.execution().getStatus(), now)
                    : end(world, draft, Ending.of(ConditionReason.QueueTimedOut, queueing.message() + "; gave up after "
                            + clocks.queued().toHours() + " h"));
        });
    }

    private Optional<Decision> startWarm(Snapshot world, StatusDraft draft, Admitted admitted, Instant now) {
        return WarmStart.choose(world, admitted.plan())
                .filter(pod -> PodReader.read(Optional.of(pod)) instanceof Ready)
                .map(pod -> claim(
                                world,
                                draft,
                                admitted,
                                (Ready) PodReader.read(Optional.of(pod)),
                                pod,
                                StatusDraft.WARM,
                                now)
                        .taking(pod.getMetadata().getUid())
                        .again(ADOPTION));
    }

    private Decision createPod(Snapshot world, StatusDraft draft, ExecutionPlan plan, Instant now) {
        if (world.refusal().isPresent()) {
            return waitFor(
                    world,
                    draft,
                    ConditionReason.PodRefused,
                    PodRefusals.explain(world.refusal().get()),
                    now);
        }
        // No write ahead: the pod itself says when it was decided on, and most pods are ready before it is
        // worth telling.
        return Decision.nothing().laying(objects(world, plan, now)).again(clocks.quiet());
    }

    private static List<Action> objects(Snapshot world, ExecutionPlan plan, Instant now) {
        List<Action> actions = Laying.policies(world, plan);
        actions.add(new Action.CreatePod(OwnedLabels.decided(new PodRenderer(world.installation()).render(plan), now)));
        return actions;
    }

    private Decision waiting(Snapshot world, StatusDraft draft, Waiting waiting, Instant now) {
        ConditionReason reason = switch (waiting.cause()) {
            case Unscheduled, Creating -> ConditionReason.StartingPod;
            case Unschedulable -> ConditionReason.Unschedulable;
            case Image -> ConditionReason.ImageUnavailable;
            case Secret -> ConditionReason.SecretUnavailable;
            case Proving -> ConditionReason.Proving;
            case Unproven -> ConditionReason.SandboxNotProven;
        };
        if (waiting.cause() == WaitCause.Unproven) {
            String what = "the launcher reached the port that must be closed; nothing was started";
            draft.conditions().no(ConditionType.SandboxVerified, reason, what);
            draft.enforcement(Proofs.rows(PodReader.evidence(waiting.detail())));
            return end(world, draft, Ending.of(reason, what));
        }
        String detail = waiting.detail().isBlank() ? "pod is being started" : waiting.detail();
        return waitFor(world, draft, reason, detail, now);
    }

    /** The claim: one optimistic-locked write that names pod, uid and session. The gateway that holds the session delivers to it. */
    private Decision claim(
            Snapshot world, StatusDraft draft, Admitted admitted, Ready ready, Pod pod, String start, Instant now) {
        Proofs proofs = Proofs.of(admitted.plan().permissions(), ready.evidence(), world.openings());
        draft.enforcement(proofs.rows());
        PodReader.imageID(pod).ifPresent(draft::imageID);
        if (!proofs.missing().isEmpty()) {
            String what = "not proven: " + String.join(", ", proofs.missing()) + "; nothing was started";
            draft.conditions().no(ConditionType.SandboxVerified, ConditionReason.SandboxNotProven, what);
            return end(world, draft, Ending.of(ConditionReason.SandboxNotProven, what));
        }
        draft.conditions()
                .yes(
                        ConditionType.SandboxVerified,
                        proofs.tolerated().isEmpty() ? ConditionReason.AllProven : ConditionReason.Tolerated,
                        proofs.summary());
        Attempt attempt = new Attempt(
                admitted.plan().run().attempt(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                ready.session(),
                now.toString(),
                RunState.notBefore(world.execution()));
        draft.claimed(attempt, admitted.assignment(), ready.since(), start);
        if (start.equals(StatusDraft.COLD)) {
            draft.cold(WarmStart.coldReason(world, admitted.plan()));
        }
        draft.running("pod " + pod.getMetadata().getName() + " is claimed, the handler is being started");
        List<EventNote> notes = new ArrayList<>();
        if (start.equals(StatusDraft.COLD)) {
            notes.add(StandingNotes.started(
                    admitted.handler(),
                    pod.getMetadata().getName(),
                    admitted.plan().permissions().lines().size()));
        }
        if (!admitted.audited().isEmpty()) {
            notes.add(EventNote.warning(AUDITED, "Claim", Redactor.cut(String.join("\n", admitted.audited()), 1024)));
        }
        return Decision.write(draft.build())
                .noting(notes.toArray(EventNote[]::new))
                .again(earlier(clocks.collection(), Admission.policies(world).nextExpiry(now), now));
    }

    private Decision waitFor(Snapshot world, StatusDraft draft, ConditionReason reason, String message, Instant now) {
        Duration left = pendingLeft(world, draft, now);
        if (left.isNegative() || left.isZero()) {
            ConditionReason end = switch (reason) {
                case StartingPod, Proving -> ConditionReason.StartTimedOut;
                case WaitingForArtifact -> ConditionReason.InputUnavailable;
                default -> reason;
            };
            return end(
                    world,
                    draft,
                    Ending.of(
                            end, message + "; gave up after " + clocks.pending().toSeconds() + " s"));
        }
        boolean usual = reason == ConditionReason.StartingPod || reason == ConditionReason.Proving;
        if (usual && world.pod().isPresent()) { // every pod passes here: worth one write, and only when it takes long
            Instant began = draft.turn().isPresent()
                    ? RunState.decided(world).orElse(now)
                    : draft.startTime();
            Duration quiet = Duration.between(now, began.plus(clocks.quiet()));
            if (told(world.execution()) || quiet.isPositive()) {
                return Decision.nothing().again(quiet.isPositive() ? shorter(left, quiet) : left);
            }
        }
        draft.reconciling("Starting", reason, message);
        return unlessSame(world, draft)
                .again(reason == ConditionReason.PodRefused ? shorter(left, Duration.ofSeconds(5)) : left);
    }

    /** Whether the status says already that it is on its way. */
    private static boolean told(PluginExecution execution) {
        return execution.getStatus() != null
                && execution.getStatus().startTime() != null
                && !Bounds.waits(execution);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** Another attempt, where the execution asked for some and this one is known to be safe to repeat; else the end. */
    private Decision retryOrEnd(Snapshot world, StatusDraft draft, int attempt, Ending ending, Instant now) {
        Retries retries = Retries.of(world.execution().getSpec());
        if (attempt >= retries.most()) {
            return end(world, draft, ending);
        }
        Duration wait = retries.wait(attempt);
        draft.attempt(
                new Attempt(attempt + 1, null, null, null, null, now.plus(wait).toString()));
        draft.conditions().no(ConditionType.Running, ConditionReason.NotRunning, "");
        draft.reconciling("Starting", ending.reason(), "attempt " + attempt + " failed: " + ending.message());
        return Decision.write(draft.build()).clearing(RunState.deletePod(world)).again(wait);
    }

    // ---- after the claim: the decision stands, only the run's end is open

    private Decision afterClaim(Snapshot world, StatusDraft draft, Claim claim, Instant now) {
        Optional<Decision> contest = contested(world, draft, claim, now);
        if (contest.isPresent()) {
            return contest.get();
        }
        Optional<Pod> pod = world.pod()
                .filter(found -> claim.podUID().equals(found.getMetadata().getUid()));
        Observation seen = PodReader.read(pod);
        Optional<RunReport> report = RunState.finalReport(world.execution().getStatus(), claim);
        if (report.isPresent()) {
            RunReport whole = RunState.whole(report.get(), world.execution().getStatus());
            return reported(world, draft, claim, whole, false, seen, pod, now);
        }
        return switch (seen) {
            case Exited exited -> {
                // the gateway's write would have changed the resource version, so this decision cannot overtake it
                if (world.sealed().isPresent()) {
                    yield reported(world, draft, claim, world.sealed().get(), true, seen, pod, now);
                }
                yield lost(world, draft, claim, Endings.afterClaim(exited), now);
            }
            case Absent absent ->
                lost(
                        world,
                        draft,
                        claim,
                        Ending.of(ConditionReason.Lost, "pod " + claim.pod() + " is gone without a report"),
                        now);
            case Lost lost -> lost(world, draft, claim, Ending.of(ConditionReason.Lost, lost.detail()), now);
            case Waiting waiting -> stillRunning(world, draft, claim, pod.orElseThrow(), now);
            case Ready ready ->
                ready.session().equals(claim.session())
                        ? stillRunning(world, draft, claim, pod.orElseThrow(), now)
                        : end(
                                world,
                                draft,
                                Ending.of(ConditionReason.Lost, "the launcher's session is gone; it restarted"));
            case Running running -> stillRunning(world, draft, claim, pod.orElseThrow(), now);
        };
    }

    /**
     * Two executions claim one pod: two leaders can do that, since a claim locks the execution and not the pod. The gateway serves the
     * one whose claim it saw first. The other takes its claim back as soon as that shows, for nothing of it can have run, and starts
     * elsewhere; until then neither is acted upon.
     */
    private Optional<Decision> contested(Snapshot world, StatusDraft draft, Claim claim, Instant now) {
        Optional<Pools.Rival> rival = world.pools().rival();
        RunReport heard = world.execution().getStatus().report();
        if (rival.isEmpty() || heard != null && claim.session().equals(heard.session())) {
            return Optional.empty();
        }
        if (rival.get().served()) {
            draft.unclaimed(new Attempt(claim.number(), null, null, null, null, RunState.notBefore(world.execution())));
            draft.reconciling(
                    "Starting",
                    ConditionReason.StartingPod,
                    "pod " + claim.pod() + " serves " + rival.get().name() + "; another one is taken");
            return Optional.of(Decision.write(draft.build()).again(CONTEST));
        }
        return runLeft(world, claim, now).isPositive()
                ? Optional.of(Decision.nothing().again(CONTEST))
                : Optional.empty();
    }

    /**
     * The launcher's word is the end, but for two cases. A run that was ordered to stop ends for that reason, and what it left is not
     * published. And a launcher that was sent a signal cannot know whose: an eviction is told from the pod, which may take a moment to show it.
     */
    private Decision reported(
            Snapshot world,
            StatusDraft draft,
            Claim claim,
            RunReport report,
            boolean sealed,
            Observation seen,
            Optional<Pod> pod,
            Instant now) {
        if (StopOrder.standing(world.execution().getStatus()).isPresent()) {
            return end(
                    world, draft.report(sealed ? StopOrder.quarantined(report) : report, sealed), Endings.of(report));
        }
        draft.report(report, sealed).enforcement(used(world, report));
        Ending said = checked(Endings.of(report), report, world);
        boolean signalled = said.reason() == ConditionReason.Cancelled
                && !Boolean.TRUE.equals(world.execution().getSpec().cancel());
        if (!signalled) {
            return end(world, draft, said);
        }
        Optional<ExitCause> interruption = pod.flatMap(PodReader::interruption);
        if (interruption.isPresent()) {
            return lost(world, draft, claim, Endings.interrupted(interruption.get(), pod.orElseThrow()), now);
        }
        boolean settled = pod.isEmpty()
                || seen instanceof Exited
                || pod.get().getMetadata().getDeletionTimestamp() != null
                || !runLeft(world, claim, now).isPositive();
        return settled ? end(world, draft, said) : Decision.nothing().again(Duration.ofSeconds(1));
    }

    private static @Nullable List<EnforcementStatus> used(Snapshot world, RunReport report) {
        PluginExecutionStatus status = world.execution().getStatus();
        List<EnforcementStatus> rows = status == null ? null : status.enforcement();
        Long cpu = report.metrics() == null ? null : report.metrics().cpuMillis();
        return rows == null || cpu == null ? rows : Proofs.used(rows, cpu);
    }

    /** A result the handler's own schema does not allow is no success. */
    private static Ending checked(Ending ending, RunReport report, Snapshot world) {
        List<String> problems = !ending.good()
                ? List.of()
                : handler(world)
                        .map(handler -> SchemaCheck.problems(handler.output(), report.result(), "result"))
                        .orElse(List.of());
        return problems.isEmpty() ? ending : Ending.of(ConditionReason.OutputInvalid, String.join("; ", problems));
    }

    private static Optional<Handler> handler(Snapshot world) {
        return world.plugin()
                .flatMap(plugin -> SpecReader.handler(
                        plugin.spec(), world.execution().getSpec().handler()));
    }

    /** Plugin code may have run: only a handler that says it is idempotent is tried again, and only after a loss. */
    private Decision lost(Snapshot world, StatusDraft draft, Claim claim, Ending ending, Instant now) {
        Optional<StopOrder.Standing> stop = StopOrder.standing(world.execution().getStatus());
        if (stop.isPresent()) {
            return end(world, draft, stop.get().order().ending());
        }
        boolean repeatable = (ending.reason() == ConditionReason.Lost || ending.reason() == ConditionReason.Evicted)
                && handler(world)
                        .map(handler -> Boolean.TRUE.equals(handler.idempotent()))
                        .orElse(false);
        return repeatable ? retryOrEnd(world, draft, claim.number(), ending, now) : end(world, draft, ending);
    }

    private Decision stillRunning(Snapshot world, StatusDraft draft, Claim claim, Pod pod, Instant now) {
        Optional<StopOrder.Standing> standing =
                StopOrder.standing(world.execution().getStatus());
        if (standing.isPresent()) {
            return stopping(world, draft, claim, standing.get(), now);
        }
        Optional<StopOrder> due =
                revocation.due(world, pod, now).or(() -> StopOrders.due(world, () -> tolerated(world, claim, now)));
        if (due.isPresent()) {
            draft.stopping(due.get().reason(), due.get().message());
            return Decision.write(draft.build())
                    .noting(EventNote.warning(
                            due.get().reason().name(),
                            "Stop",
                            Redactor.cut(due.get().message(), 1024)))
                    .again(clocks.stopping());
        }
        List<Action> adoption = RunState.adopt(world);
        Duration sinceClaim = Duration.between(claim.at(), now);
        if (!adoption.isEmpty() && sinceClaim.compareTo(ADOPTION) < 0) {
            return Decision.nothing().again(ADOPTION.minus(sinceClaim)); // most runs are over before
        }
        Duration left = runLeft(world, claim, now);
        if (!left.isPositive()) {
            return end(
                    world,
                    draft,
                    Ending.of(
                            ConditionReason.TimedOut,
                            "the launcher did not report within the timeout and its allowances"));
        }
        return Decision.nothing()
                .clearing(adoption)
                .again(earlier(left, Admission.policies(world).nextExpiry(now), now));
    }

    /** The launcher has been told to stop; where that does not help the kubelet is told, by deleting the pod. */
    private Decision stopping(
            Snapshot world, StatusDraft draft, Claim claim, StopOrder.Standing standing, Instant now) {
        Instant patience = standing.since().plus(clocks.stopping());
        Duration left = Duration.between(now, patience);
        if (left.isPositive()) {
            return Decision.nothing().again(left);
        }
        if (!now.isBefore(patience.plus(clocks.collection()))
                || !runLeft(world, claim, now).isPositive()) {
            return end(world, draft, standing.order().ending());
        }
        return Decision.nothing().clearing(RunState.deletePod(world)).again(Duration.ofSeconds(5));
    }

    private static Duration earlier(Duration after, Optional<Instant> at, Instant now) {
        return at.map(moment -> Duration.between(now, moment))
                .filter(until -> until.compareTo(after) < 0)
                .orElse(after);
    }

    /** What the policies of now tolerate; nothing if they would not grant the run any more. */
    private Set<String> tolerated(Snapshot world, Claim claim, Instant now) {
        return admission.admit(world, claim.number(), now, new StatusDraft(world.execution(), now, now))
                        instanceof Admitted admitted
                ? admitted.plan().permissions().tolerateUnenforced()
                : Set.of();
    }

    // ---- the end

    /** The one terminal write. A pod that never ran anything goes at once; one that ran is kept for its logs. */
    private Decision end(Snapshot world, StatusDraft draft, Ending found) {
        PluginExecutionStatus before = world.execution().getStatus();
        Ending ending = StopOrder.standing(before)
                .map(standing -> standing.order().ending())
                .orElse(found);
        Optional<Claim> claim = Claim.of(before);
        draft.ended(ending);
        Decision decision = Decision.write(draft.build());
        boolean stuck = RunState.stuck(world);
        decision = decision.clearing(claim.isEmpty() || stuck ? RunState.deletePod(world) : RunState.adopt(world));
        Optional<String> logs = stuck ? Optional.empty() : claim.map(Claim::pod);
        return decision.noting(
                        StandingNotes.ended(world.execution().getMetadata().getNamespace(), ending, logs))
                .again(Duration.ofSeconds(1));
    }

    private static Decision unlessSame(Snapshot world, StatusDraft draft) {
        PluginExecutionStatus next = draft.build();
        return Statuses.equalButReport(next, world.execution().getStatus()) ? Decision.nothing() : Decision.write(next);
    }

    // ---- clocks

    /** Waiting for others' artifacts takes nothing away from the time a start may take. */
    private Duration pendingLeft(Snapshot world, StatusDraft draft, Instant now) {
        Instant since = Stream.of(Staging.complete(world), draft.turn())
                .flatMap(Optional::stream)
                .filter(later -> later.isAfter(draft.pendingSince()))
                .max(Comparator.naturalOrder())
                .orElse(draft.pendingSince());
        return Duration.between(now, since.plus(clocks.pending()));
    }

    private Duration runLeft(Snapshot world, Claim claim, Instant now) {
        PluginExecutionSpec spec = world.execution().getSpec();
        Duration staging = spec == null || spec.files() == null ? Duration.ZERO : clocks.staging();
        return Duration.between(
                now,
                claim.at()
                        .plus(staging)
                        .plus(claim.timeout())
                        .plus(clocks.grace())
                        .plus(clocks.collection()));
    }
}
