package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginPoolStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What to do about a pool: lay policies and pods, delete pods, write the status, look again. */
public record PoolDecision(
        List<Action.Laid> lay, List<Action.DeletePod> clear, Optional<PluginPoolStatus> status, Duration lookAgain) {
    public PoolDecision {
        lay = List.copyOf(lay);
        clear = List.copyOf(clear);
    }
}
