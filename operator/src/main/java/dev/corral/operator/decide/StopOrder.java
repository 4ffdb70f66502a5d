package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.status.ConditionSet;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The controller's order to stop a live run. It stands in the status as {@code Running=False} with a reason of its own; the gateway hands
 * that reason to the launcher, withholds what the run leaves, and whatever the launcher reports then, the run ends with this reason.
 */
record StopOrder(ConditionReason reason, String message) {
    /** The order as given, with the time it was given at. */
    record Standing(StopOrder order, Instant since) {}

    /** The order in a status; {@code NotRunning} is none. */
    static Optional<Standing> standing(@Nullable PluginExecutionStatus status) {
        return ConditionSet.find(status == null ? null : status.conditions(), ConditionType.Running)
                .filter(running -> "False".equals(running.status()))
                .flatMap(running -> reason(running)
                        .map(reason -> new Standing(
                                new StopOrder(reason, running.message() == null ? "" : running.message()),
                                StatusDraft.time(running.lastTransitionTime()).orElse(Instant.EPOCH))));
    }

    /** What a stopped run left is kept, and not handed out: no result, no place to read an artifact from. */
    static RunReport quarantined(RunReport report) {
        List<ArtifactStatus> artifacts = report.artifacts() == null
                ? null
                : report.artifacts().stream()
                        .map(artifact -> "Ready".equals(artifact.state()) ? artifact.quarantined() : artifact)
                        .toList();
        return report.with(null, artifacts, report.events(), null);
    }

    Ending ending() {
        return Ending.of(reason, message);
    }

    private static Optional<ConditionReason> reason(Condition running) {
        return Arrays.stream(ConditionReason.values())
                .filter(known -> known != ConditionReason.NotRunning)
                .filter(known -> known.name().equals(running.reason()))
                .findFirst();
    }
}
