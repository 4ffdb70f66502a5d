package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One look at one execution: the world as found, the status being drafted from it, and when. */
record Look(Snapshot world, StatusDraft draft, Instant now) {
    PluginExecution execution() {
        return world.execution();
    }

    /** As it stands, before what is drafted. */
    @Nullable
    PluginExecutionStatus status() {
        return world.execution().getStatus();
    }

    /** Writes the draft, unless the status says the same already. */
    Decision writeIfNew() {
        PluginExecutionStatus next = draft.build();
        return saysTheSame(next, status()) ? Decision.nothing() : Decision.write(next);
    }

    /** The wait, or less if that moment comes before. */
    Duration until(Duration wait, Optional<Instant> moment) {
        return moment.map(at -> Duration.between(now, at))
                .filter(left -> left.compareTo(wait) < 0)
                .orElse(wait);
    }

    /** By what the controller owns. */
    private static boolean saysTheSame(PluginExecutionStatus next, @Nullable PluginExecutionStatus now) {
        return now != null
                && Objects.equals(next.conditions(), now.conditions())
                && Objects.equals(next.state(), now.state())
                && Objects.equals(next.verdict(), now.verdict())
                && Objects.equals(next.startTime(), now.startTime())
                && Objects.equals(next.attempt(), now.attempt())
                && Objects.equals(next.queue(), now.queue())
                && Objects.equals(next.policy(), now.policy())
                && Objects.equals(next.enforcement(), now.enforcement())
                && Objects.equals(next.observedGeneration(), now.observedGeneration());
    }
}
