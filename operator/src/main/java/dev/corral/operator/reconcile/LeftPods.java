package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.reconcile.Caches.Cache;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.Set;

/** Tells a pool when an execution is deleted that claimed a pod of it and has not taken it over. */
final class LeftPods extends AbstractEventSource<PluginExecution, PluginExecution>
        implements ResourceEventAware<PluginExecution> {
    private final Cache<Pod> pods;
    private final PoolBell bell;

    LeftPods(Cache<Pod> pods, PoolBell bell) {
        super(PluginExecution.class, "left-pods");
        this.pods = pods;
        this.bell = bell;
    }

    @Override
    public void onResourceDeleted(PluginExecution execution) {
        pods.get(new ResourceID(
                        RunState.podName(execution), execution.getMetadata().getNamespace()))
                .filter(pod -> RunState.pool(pod).isPresent())
                .ifPresent(bell::heardOf);
    }

    @Override
    public Set<PluginExecution> getSecondaryResources(PluginExecution primary) {
        return Set.of();
    }
}
