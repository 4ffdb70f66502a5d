package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.RunReport;
import io.javaoperatorsdk.operator.processing.event.source.filter.OnUpdateFilter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An execution is looked at again when its spec or the gateway's report changed, and once when it has ended, for those that wait for what
 * it left; our other status writes come back without effect.
 */
public final class RelevantUpdate implements OnUpdateFilter<PluginExecution> {
    @Override
    public boolean accept(PluginExecution now, PluginExecution before) {
        return !Objects.equals(
                        now.getMetadata().getUid(), before.getMetadata().getUid()) // another one, unseen in between
                || !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !Objects.equals(
                        now.getMetadata().getDeletionTimestamp(),
                        before.getMetadata().getDeletionTimestamp())
                || !Objects.equals(reason(now), reason(before))
                || !Objects.equals(end(now), end(before))
                // a resync delivers equal objects: take it as a chance to look
                || Objects.equals(
                        now.getMetadata().getResourceVersion(),
                        before.getMetadata().getResourceVersion());
    }

    private static @Nullable String end(PluginExecution execution) {
        return execution.getStatus() == null ? null : execution.getStatus().completionTime();
    }

    private static @Nullable String reason(PluginExecution execution) {
        RunReport report =
                execution.getStatus() == null ? null : execution.getStatus().report();
        return report == null ? null : report.reason();
    }
}
