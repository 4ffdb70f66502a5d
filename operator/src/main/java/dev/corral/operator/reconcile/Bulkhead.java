package dev.corral.operator.reconcile;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Lets each namespace have some of the threads that all loops share, and not all of them. Whatever else it sets going at once waits here
 * instead of in the queue for threads, where what others ask for would come after it. Objects without a namespace are one more.
 */
final class Bulkhead<P extends HasMetadata> extends AbstractEventSource<P, P> {
    /** How many objects are looked at at once, of all kinds together. */
    static final int THREADS = 12;

    /** How many of one namespace: with {@link #POOLS} and twice {@link #OTHERS} less than there are. */
    static final int EXECUTIONS = 6;

    static final int POOLS = 2;
    static final int OTHERS = 1;

    private static final Duration ANYWAY = Duration.ofSeconds(30);
    /**
     * Until the next look, at most. The SDK's timer keeps each look that another one made needless, or a deletion, until it would have been
     * due: by default ten hours, four for each run.
     */
    private static final Duration LATEST = Duration.ofMinutes(15);

    private final int most;
    private final Map<String, Compartment> compartments = new HashMap<>();
    private Predicate<ResourceID> comes = id -> true;

    /** {@code most}: how many of one namespace are looked at at once. */
    Bulkhead(Class<P> type, int most) {
        super(type, "bulkhead");
        this.most = most;
    }

    /** Whoever is gone comes no more when it is woken, nor does one that is being deleted, however long a finalizer keeps it. */
    synchronized void knows(Function<ResourceID, Optional<P>> objects) {
        comes = id -> objects.apply(id)
                .filter(found -> found.getMetadata().getDeletionTimestamp() == null)
                .isPresent();
    }

    /** Looks, if its turn has come, and again before long; otherwise it is woken when it has. */
    UpdateControl<P> lets(P object, Supplier<UpdateControl<P>> look) {
        ResourceID id = ResourceID.fromResource(object);
        if (!enters(id)) {
            // whoever is woken before it and would wake it may be deleted on its way
            return UpdateControl.<P>noUpdate().rescheduleAfter(ANYWAY);
        }
        try {
            UpdateControl<P> done = look.get();
            boolean soon = done.getScheduleDelay()
                    .filter(millis -> millis <= LATEST.toMillis())
                    .isPresent();
            return soon ? done : done.rescheduleAfter(LATEST);
        } finally {
            leaves(id);
        }
    }

    private static final class Compartment {
        int inside;
        /** In the order they came first; each keeps its place until it is let in, or comes no more. */
        final Set<ResourceID> outside = new LinkedHashSet<>();

        /** The first of them, and they are rid of those before these who come no more: woken again and again, they would hold up the rest. */
        List<ResourceID> first(int most, Predicate<ResourceID> comes) {
            List<ResourceID> first = new ArrayList<>();
            for (Iterator<ResourceID> line = outside.iterator(); first.size() < most && line.hasNext(); ) {
                ResourceID next = line.next();
                if (comes.test(next)) {
                    first.add(next);
                } else {
                    line.remove();
                }
            }
            return first;
        }
    }

    /** Whether it may be looked at now; otherwise it is woken when it may. Whoever was let in leaves. */
    synchronized boolean enters(ResourceID object) {
        Compartment its = compartments.computeIfAbsent(namespace(object), name -> new Compartment());
        if (its.inside == most) {
            its.outside.add(object);
            return false;
        }
        its.outside.remove(object);
        its.inside++;
        return true;
    }

    void leaves(ResourceID object) {
        wakeAfter(object).forEach(next -> getEventHandler().handleEvent(new Event(next)));
    }

    private synchronized List<ResourceID> wakeAfter(ResourceID object) {
        Compartment its = Objects.requireNonNull(compartments.get(namespace(object)));
        its.inside--;
        List<ResourceID> next = its.first(most - its.inside, comes);
        if (its.inside == 0 && its.outside.isEmpty()) {
            compartments.remove(namespace(object));
        }
        return next;
    }

    private static String namespace(ResourceID object) {
        return object.getNamespace().orElse("");
    }

    @Override
    public Set<P> getSecondaryResources(P primary) {
        return Set.of();
    }
}
