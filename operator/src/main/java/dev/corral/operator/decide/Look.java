package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
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
        return Statuses.equalButReport(next, status()) ? Decision.nothing() : Decision.write(next);
    }

    /** The wait, or less if that moment comes before. */
    Duration until(Duration wait, Optional<Instant> moment) {
        return moment.map(at -> Duration.between(now, at))
                .filter(left -> left.compareTo(wait) < 0)
                .orElse(wait);
    }
}
