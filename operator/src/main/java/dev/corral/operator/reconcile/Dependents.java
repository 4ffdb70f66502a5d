package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.decide.Snapshot;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import java.util.List;
import java.util.Set;

/**
 * Executions that take artifacts of others, by those others' names. Told from the loop itself, when the watch has brought the end of an
 * execution into the cache: a second informer of all executions would double what the controller holds.
 */
final class Dependents extends AbstractEventSource<PluginExecution, PluginExecution> {
    private static final String PRODUCER = "producer";

    private final IndexerResourceCache<PluginExecution> executions;

    Dependents(IndexerResourceCache<PluginExecution> executions) {
        super(PluginExecution.class, "dependents");
        this.executions = executions;
        executions.addIndexer(PRODUCER, Dependents::keys);
    }

    /** Has everybody looked at again who waits for this execution; those that started or ended need nothing of it any more. */
    void wake(PluginExecution ended) {
        if (isRunning()) {
            waitingFor(ended).forEach(id -> getEventHandler().handleEvent(new Event(id)));
        }
    }

    private Set<ResourceID> waitingFor(PluginExecution ended) {
        String key = key(ended.getMetadata().getNamespace(), ended.getMetadata().getName());
        return SecondaryIndex.open(executions.byIndex(PRODUCER, key).stream(), dependent -> true);
    }

    private static List<String> keys(PluginExecution execution) {
        return Snapshot.producersOf(execution).stream()
                .map(name -> key(execution.getMetadata().getNamespace(), name))
                .toList();
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    @Override
    public Set<PluginExecution> getSecondaryResources(PluginExecution primary) {
        return Set.of();
    }
}
