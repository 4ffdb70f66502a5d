package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/**
 * Claims go before everything that follows them: while new executions wait for their first look, claimed ones are looked at one at a
 * time, so that those find a thread and an API server with little else to do, and these never stand still. The gateway's reports do the same.
 */
final class RightOfWay {
    /** How soon an execution that gave way asks again. */
    private static final Duration AGAIN = Duration.ofMillis(25);

    private final FirstSight firstSight;
    private final Semaphore one = new Semaphore(1);

    RightOfWay(FirstSight firstSight) {
        this.firstSight = firstSight;
    }

    UpdateControl<PluginExecution> given(
            PluginExecution execution, Function<PluginExecution, UpdateControl<PluginExecution>> look) {
        if (!isClaimed(execution) || !firstSight.newcomers()) {
            return look.apply(execution);
        }
        if (!one.tryAcquire()) {
            return UpdateControl.<PluginExecution>noUpdate().rescheduleAfter(AGAIN);
        }
        try {
            return look.apply(execution);
        } finally {
            one.release();
        }
    }

    private static boolean isClaimed(PluginExecution execution) {
        return execution.getStatus() != null
                && execution.getStatus().attempt() != null
                && execution.getStatus().attempt().podUID() != null;
    }
}
