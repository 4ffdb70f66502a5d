package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The life of an execution: verdict, plan, pod, proof, claim ({@link BeforeClaim}), report, end ({@link AfterClaim}), and what is cleared
 * then ({@link Retention}). A pure function, right after a crash between any two of its effects: names are derived, creations repeat
 * harmlessly, and every status write fails if anybody wrote since the snapshot.
 */
public final class Decider {
    /** Reason of the Event about what policies in Audit would do. */
    public static final String AUDITED = "PolicyAudited";
    /** Reason of the Event that says a network policy of ours was written anew beside a run. */
    static final String CORRECTED = "NetworkPolicyCorrected";

    private final BeforeClaim beforeClaim;
    private final AfterClaim afterClaim;
    private final Retention retention;

    private Decider(BeforeClaim beforeClaim, AfterClaim afterClaim, Retention retention) {
        this.beforeClaim = beforeClaim;
        this.afterClaim = afterClaim;
        this.retention = retention;
    }

    /** With everything in it that is pure. */
    public static Decider standard(AlwaysExcepted excepted, Clocks clocks) {
        Admission admission = new Admission(excepted, clocks.pending());
        return new Decider(
                new BeforeClaim(admission, clocks),
                new AfterClaim(admission, new Revocation(excepted), clocks),
                new Retention(clocks.logs()));
    }

    /** Decides. A mistake of ours fails the run closed: it must neither hang nor start. */
    public Decision decide(Snapshot world, Instant now) {
        try {
            return judge(world, now);
        } catch (RuntimeException mistake) { // the one place that catches everything
            return failClosed(world, now, mistake);
        }
    }

    /** What was decided cannot be written into the status. */
    public Decision unwritable(Snapshot world, Instant now, String words) {
        return internalError(world, now, "its status was refused: " + words, Map.of());
    }

    /** What was decided has no room in the object beside what its author wrote. Maybe this has none either: it is as small as an end can be. */
    public Decision roomless(Snapshot world, Instant now) {
        Look look = look(world, now);
        look.draft().bare();
        return RunEnd.end(
                look,
                Ending.of(
                        ConditionReason.Malformed,
                        "the object is so large that the API server takes no status with it; make metadata, env or input"
                                + " smaller and create it again"));
    }

    private Decision judge(Snapshot world, Instant now) {
        PluginExecution execution = world.execution();
        if (execution.getMetadata().getDeletionTimestamp() != null) {
            return Decision.nothing(); // the owner reference takes the pod along
        }
        Decision decision = RunState.ended(execution.getStatus()) ? retention.afterEnd(world, now) : goesOn(world, now);
        return decision.clearing(Stream.concat(decision.clear().stream(), RunState.leftBehind(world).stream())
                .toList());
    }

    private Decision goesOn(Snapshot world, Instant now) {
        Instant decided = RunState.decided(world).orElse(now);
        Instant seen = world.seen().filter(decided::isAfter).orElse(decided);
        Look look = new Look(world, draft(world, seen, decided, now), now);
        return Claim.of(world.execution().getStatus())
                .map(claim -> afterClaim.decide(look, claim))
                .orElseGet(() -> beforeClaim.decide(look));
    }

    private static StatusDraft draft(Snapshot world, Instant seen, Instant decided, Instant now) {
        return new StatusDraft(world.execution(), seen, decided, now)
                .by(world.installation().namespace());
    }

    private static Decision failClosed(Snapshot world, Instant now, RuntimeException mistake) {
        if (RunState.ended(world.execution().getStatus())) {
            return Decision.nothing();
        }
        String where = Arrays.stream(mistake.getStackTrace())
                .filter(frame -> frame.getClassName().startsWith("dev.corral."))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse("unknown");
        return internalError(
                world,
                now,
                "Corral could not decide: " + mistake.getClass().getSimpleName() + " at " + where,
                Map.of("at", where));
    }

    private static Decision internalError(Snapshot world, Instant now, String message, Map<String, String> context) {
        return RunEnd.end(look(world, now), new Ending(ConditionReason.InternalError, message, context));
    }

    private static Look look(Snapshot world, Instant now) {
        Instant decided = RunState.decided(world).orElse(now);
        return new Look(world, draft(world, decided, decided, now), now);
    }
}
