package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.PluginExecutionStatus;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Compares statuses by what the controller owns. */
final class Statuses {
    private Statuses() {}

    static boolean equalButReport(PluginExecutionStatus next, @Nullable PluginExecutionStatus now) {
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
