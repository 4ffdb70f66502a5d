package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.cluster.ForeignPolicies;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.EventSourceStartPriority;
import java.util.Optional;
import java.util.Set;

/** A network policy of somebody else came, changed or went: every run it may concern is looked at again, live ones too. */
final class ForeignPolicySource extends AbstractEventSource<GenericKubernetesResource, PluginExecution> {
    private final ForeignPolicies policies;
    private final EventSourceContext<PluginExecution> context;

    ForeignPolicySource(ForeignPolicies policies, EventSourceContext<PluginExecution> context) {
        super(GenericKubernetesResource.class, "foreign-network-policies");
        this.policies = policies;
        this.context = context;
        setEventSourcePriority(
                EventSourceStartPriority.RESOURCE_STATE_LOADER); // no run is decided before they are known
    }

    @Override
    public void start() {
        super.start();
        policies.start(this::changed);
    }

    @Override
    public void stop() {
        policies.close();
        super.stop();
    }

    private void changed(Optional<String> namespace) {
        SecondaryIndex.live(
                        context.getPrimaryCache().list(),
                        execution -> namespace
                                .map(execution.getMetadata().getNamespace()::equals)
                                .orElse(true))
                .forEach(id -> getEventHandler().handleEvent(new Event(id)));
    }

    @Override
    public Set<GenericKubernetesResource> getSecondaryResources(PluginExecution execution) {
        return Set.copyOf(policies.concerning(execution.getMetadata().getNamespace()));
    }
}
