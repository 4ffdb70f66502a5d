package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Lets each namespace have some of the loop's threads and not all of them. Whatever else it sets going at once waits here instead of in
 * the queue for threads, where the executions of others would come after it.
 */
final class Bulkhead extends AbstractEventSource<PluginExecution, PluginExecution>
        implements ResourceEventAware<PluginExecution> {
    private final int most;
    private final Map<String, Compartment> compartments = new HashMap<>();

    /** {@code most}: how many executions of one namespace are looked at at once. */
    Bulkhead(int most) {
        super(PluginExecution.class, "bulkhead");
        this.most = most;
    }

    private static final class Compartment {
        int inside;
        /** In the order they came first; each keeps its place until it is let in. */
        final Set<ResourceID> outside = new LinkedHashSet<>();
    }

    /** Whether it may be looked at now; otherwise it is woken when it may. Whoever was let in leaves. */
    synchronized boolean enters(ResourceID execution) {
        Compartment its = compartments.computeIfAbsent(namespace(execution), name -> new Compartment());
        if (its.inside == most) {
            its.outside.add(execution);
            return false;
        }
        its.outside.remove(execution);
        its.inside++;
        return true;
    }

    void leaves(ResourceID execution) {
        wakeAfter(execution).forEach(next -> getEventHandler().handleEvent(new Event(next)));
    }

    private synchronized List<ResourceID> wakeAfter(ResourceID execution) {
        Compartment its = Objects.requireNonNull(compartments.get(namespace(execution)));
        its.inside--;
        if (its.inside == 0) {
            // nobody is left who would wake them later
            compartments.remove(namespace(execution));
            return List.copyOf(its.outside);
        }
        return its.outside.stream().limit(most - its.inside).toList();
    }

    @Override
    public synchronized void onResourceDeleted(PluginExecution execution) {
        Compartment its = compartments.get(execution.getMetadata().getNamespace());
        if (its != null) {
            its.outside.remove(ResourceID.fromResource(execution));
        }
    }

    private static String namespace(ResourceID execution) {
        return execution.getNamespace().orElseThrow();
    }

    @Override
    public Set<PluginExecution> getSecondaryResources(PluginExecution primary) {
        return Set.of();
    }
}
