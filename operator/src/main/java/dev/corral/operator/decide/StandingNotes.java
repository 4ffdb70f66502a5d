package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.status.ConditionSet;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The notes a status stands for: of its claim and of its end. Who died between a status write and its Event, or could not write the
 * Event, makes up for it at the next look; Events are named by what happened, so that one more try changes nothing.
 */
public final class StandingNotes {
    /** Older news are left alone: the API server forgets Events after an hour, and they would come back from the dead. */
    private static final Duration NEWS = Duration.ofMinutes(10);

    private StandingNotes() {}

    /** What the status says and people were to hear, as long as it is news. */
    public static List<EventNote> of(PluginExecution execution, boolean surge, Instant now) {
        PluginExecutionStatus status = execution.getStatus();
        if (Claim.settling(status, surge, now).isPositive()) {
            return List.of();
        }
        List<EventNote> notes = new ArrayList<>();
        Optional<Claim> claim = Claim.of(status);
        claim.filter(made -> isNews(made.at(), now))
                .filter(made -> !RunState.ended(status)) // the end is news enough
                .ifPresent(made -> notes.add(started(handler(execution), made.pod(), lines(execution.getStatus()))));
        if (RunState.ended(status)
                && isNews(StatusDraft.time(status.completionTime()).orElse(Instant.EPOCH), now)) {
            ConditionSet.find(status.conditions(), ConditionType.Succeeded)
                    .flatMap(StandingNotes::ending)
                    .ifPresent(ending ->
                            notes.add(ended(execution.getMetadata().getNamespace(), ending, claim.map(Claim::pod))));
        }
        return List.copyOf(notes);
    }

    static boolean warm(PluginExecutionStatus status) {
        return StatusDraft.WARM.equals(status.start());
    }

    static EventNote started(String handler, String pod, int permissions) {
        return EventNote.normal(
                "Started",
                "Claim",
                "Handler " + handler + " runs in pod " + pod + " with " + permissions + " effective permissions");
    }

    /** {@code pod}: whose log is there to be read. */
    static EventNote ended(String namespace, Ending ending, Optional<String> pod) {
        String logs =
                pod.map(name -> " · kubectl logs -n " + namespace + " " + name).orElse("");
        return ending.good()
                ? EventNote.normal(ending.reason().name(), "Run", ending.message() + logs)
                : EventNote.warning(
                        ending.reason().name(), "Run", ending.message() + " · " + ending.remediation() + logs);
    }

    private static boolean isNews(Instant at, Instant now) {
        return now.isBefore(at.plus(NEWS));
    }

    private static String handler(PluginExecution execution) {
        String named = execution.getSpec() == null ? null : execution.getSpec().handler();
        return named == null ? "of " + execution.getMetadata().getName() : named;
    }

    private static int lines(PluginExecutionStatus status) {
        return status.effectivePermissions() == null
                ? 0
                : status.effectivePermissions().size();
    }

    private static Optional<Ending> ending(Condition succeeded) {
        return Arrays.stream(ConditionReason.values())
                .filter(known -> known.name().equals(succeeded.reason()))
                .findFirst()
                .map(reason -> Ending.of(reason, succeeded.message()));
    }
}
