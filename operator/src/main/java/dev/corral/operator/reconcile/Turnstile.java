package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.decide.Bounds;
import dev.corral.operator.decide.Snapshot;
import dev.corral.operator.queue.Place;
import dev.corral.operator.queue.Ticket;
import dev.corral.operator.queue.WaitingRoom;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.Event;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.AbstractEventSource;
import io.javaoperatorsdk.operator.processing.event.source.ResourceEventAware;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Lets executions through one after the other where policies bound how many run at once, and wakes those whose turn has come. What it
 * knows it can always learn again from the caches, so nothing of it is kept anywhere: a restarted controller counts afresh before it
 * lets anybody through.
 */
final class Turnstile extends AbstractEventSource<PluginExecution, PluginExecution>
        implements ResourceEventAware<PluginExecution> {
    private final WaitingRoom room = new WaitingRoom();
    private final InstantSource clock;
    private Optional<Sight> sight = Optional.empty();
    private long counted;
    private volatile Set<String> fullQuotas = Set.of();
    private volatile boolean inUse;

    Turnstile(InstantSource clock) {
        super(PluginExecution.class, "turnstile");
        this.clock = clock;
    }

    /**
     * What it counts from. {@code stays}: whether there still is one of that name and uid, and nobody deletes it; {@code bounds} changes
     * whenever a policy does that bounds something; {@code count} asks nobody, for everybody else waits meanwhile.
     */
    record Sight(
            BiPredicate<ResourceID, String> stays,
            Supplier<Long> bounds,
            Supplier<Stream<PluginExecution>> live,
            Function<PluginExecution, Snapshot> count) {}

    synchronized void sees(Sight caches) {
        sight = Optional.of(caches);
    }

    /** How many wait. */
    synchronized int waiting() {
        return room.waiting();
    }

    boolean isQuotaFull(String namespace) {
        return fullQuotas.contains(namespace);
    }

    /** Takes note of the execution as it is now; a place only for one that asks for it. */
    Optional<Place> place(Snapshot world, Optional<Ticket> asks) {
        if (!inUse && !Bounds.any(world) && asks.isEmpty()) {
            return Optional.empty();
        }
        return change(() -> {
            recount();
            Optional<Place> place = Optional.empty();
            if (asks.isPresent()) {
                place = Optional.of(room.asks(asks.get(), clock.instant()));
            } else if (Bounds.counts(world)) {
                room.runs(Bounds.ticket(world, false, clock.instant()));
            } else {
                leaves(world.execution().getMetadata().getUid());
            }
            onlyIfItStays(world.execution());
            return place;
        });
    }

    /** One that was deleted, or marked for it, while it was looked at has left before, and is looked at no more: it would hold its place for good. */
    private void onlyIfItStays(PluginExecution execution) {
        String uid = execution.getMetadata().getUid();
        if (!sight.orElseThrow().stays().test(ResourceID.fromResource(execution), uid)) {
            leaves(uid);
        }
    }

    private void leaves(String uid) {
        if (room.has(uid)) {
            room.leaves(uid);
            room.settle(clock.instant());
        }
    }

    /** A quota refused the pod. */
    Place refused(Snapshot world, String words) {
        return change(() -> {
            Place place = room.refused(Bounds.ticket(world, true, clock.instant()), words, clock.instant());
            onlyIfItStays(world.execution());
            return place;
        });
    }

    /** Its pod is there. */
    void created(Snapshot world) {
        if (isQuotaFull(world.execution().getMetadata().getNamespace())) {
            change(() -> {
                room.created(Bounds.ticket(world, true, clock.instant()));
                room.settle(clock.instant());
                return Optional.empty();
            });
        }
    }

    /** This status stands now. */
    void wrote(PluginExecution execution, PluginExecutionStatus status) {
        if (Bounds.leaves(execution, status)) {
            leaves(execution);
        }
    }

    /** A pod of ours was heard of; {@code gone}: it takes nothing of a quota any more. */
    void heardOf(Pod pod, boolean gone) {
        String namespace = pod.getMetadata().getNamespace();
        if (gone && isQuotaFull(namespace)) {
            change(() -> {
                room.podEnded(namespace);
                room.settle(clock.instant());
                return Optional.empty();
            });
        }
    }

    /** Whoever is being deleted is looked at no more, however long a finalizer keeps it; nor is one that another of its name has replaced. */
    @Override
    public void onResourceUpdated(PluginExecution now, PluginExecution before) {
        if (now.getMetadata().getDeletionTimestamp() != null
                || !before.getMetadata().getUid().equals(now.getMetadata().getUid())) {
            leaves(before);
        }
    }

    @Override
    public void onResourceDeleted(PluginExecution execution) {
        leaves(execution);
    }

    private void leaves(PluginExecution execution) {
        if (inUse) {
            change(() -> {
                leaves(execution.getMetadata().getUid());
                return Optional.empty();
            });
        }
    }

    /**
     * Before the first decision, and after a policy changed, everybody is counted who runs or waits, and whoever may have had its turn from a
     * controller that died over it. One of these that wants none leaves when it is looked at.
     */
    private void recount() {
        Sight caches = sight.orElseThrow();
        long now = caches.bounds().get();
        if (now == counted) {
            return;
        }
        Set<String> before = room.running();
        // what each was read from is let go at once: together it may be more than there is memory
        List<Counted> live = caches.live()
                .get()
                .filter(execution -> execution.getMetadata().getDeletionTimestamp() == null)
                .map(caches.count())
                .map(world -> counted(world, before))
                .toList();
        counted = now;
        room.clear();
        live.forEach(one -> {
            if (one.runs) {
                room.runs(one.ticket);
            } else if (one.waits) {
                room.waits(one.ticket);
            }
        });
        room.settle(clock.instant());
    }

    private record Counted(Ticket ticket, boolean runs, boolean waits) {}

    private Counted counted(Snapshot world, Set<String> before) {
        PluginExecution execution = world.execution();
        boolean runs =
                Bounds.counts(world) || before.contains(execution.getMetadata().getUid());
        Ticket ticket = Bounds.ticket(world, !runs, clock.instant());
        boolean waits = Bounds.waits(execution)
                || Bounds.untold(execution) && !ticket.gates().isEmpty();
        return new Counted(ticket, runs, waits);
    }

    /** One change at a time; whoever it let in is told after it. */
    private <T> T change(Supplier<T> change) {
        T result;
        List<Ticket> called;
        synchronized (this) {
            result = change.get();
            called = room.called();
            fullQuotas = room.fullQuotas();
            inUse = !room.isEmpty();
        }
        if (isRunning()) {
            called.forEach(ticket ->
                    getEventHandler().handleEvent(new Event(new ResourceID(ticket.name(), ticket.namespace()))));
        }
        return result;
    }

    @Override
    public Set<PluginExecution> getSecondaryResources(PluginExecution primary) {
        return Set.of();
    }
}
