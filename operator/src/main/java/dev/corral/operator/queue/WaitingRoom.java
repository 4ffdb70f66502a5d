package dev.corral.operator.queue;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who runs and who waits, of the executions that some policy bounds or a quota has refused. It never lets more run than a bound says,
 * counting those it knows of; what it answers depends only on what it was told, in this order. Not safe for threads.
 */
public final class WaitingRoom {
    /** Up to here positions are exact at once; of longer queues they are as of the last time somebody left. */
    private static final int SMALL = 256;

    private final Map<String, Ticket> running = new LinkedHashMap<>();
    private final Map<String, Ticket> waiting = new LinkedHashMap<>();
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, Integer> taken = new HashMap<>();
    private final Map<String, Integer> queued = new HashMap<>();
    private final Map<String, Integer> byNamespace = new HashMap<>();
    private final Map<String, Long> turns = new HashMap<>();
    private long turn;
    private final Quotas quotas = new Quotas();
    private final Set<String> called = new HashSet<>();

    /** Everybody out: whoever is there is told again. Quotas stay as they were found. */
    public void clear() {
        running.clear();
        waiting.clear();
        places.clear();
        taken.clear();
        queued.clear();
        byNamespace.clear();
        called.clear();
        quotas.clear();
    }

    public boolean isEmpty() {
        return running.isEmpty() && waiting.isEmpty() && quotas.isEmpty();
    }

    public int waiting() {
        return waiting.size();
    }

    public boolean has(String uid) {
        return running.containsKey(uid) || waiting.containsKey(uid);
    }

    /** It runs, whatever the bounds say. Without gates it is none of our business. */
    public void runs(Ticket ticket) {
        if (ticket.gates().isEmpty()) {
            leaves(ticket.uid());
            return;
        }
        unlist(ticket.uid());
        start(ticket);
    }

    /** It was in the queue before, and is again; nobody is let in before {@link #settle}. */
    public void waits(Ticket ticket) {
        unlist(ticket.uid());
        list(ticket);
    }

    /** The uids of those that run. */
    public Set<String> running() {
        return Set.copyOf(running.keySet());
    }

    /** The namespaces whose quota refused a pod, as far as it is known. */
    public Set<String> fullQuotas() {
        return quotas.namespaces();
    }

    /** Asks for its turn; asking again is how one in the queue learns where it stands. */
    public Place asks(Ticket ticket, Instant now) {
        quotas.tick(ticket.namespace(), now);
        if (running.containsKey(ticket.uid())) {
            stop(ticket.uid());
            start(ticket);
            return new Place.Turn();
        }
        Optional<QueueBound> full =
                ticket.known() || waiting.containsKey(ticket.uid()) ? Optional.empty() : full(ticket);
        if (full.isPresent() && !mayStart(ticket)) {
            return new Place.Full(full.get());
        }
        Optional<Place> before = Optional.ofNullable(places.get(ticket.uid()));
        unlist(ticket.uid());
        list(ticket);
        if (mayStart(ticket) && !waitsBefore(ticket)) {
            call(ticket, now);
        } else if (mayStart(ticket) || waiting.size() <= SMALL) {
            settle(now);
        } else {
            places.put(ticket.uid(), before.orElseGet(() -> estimate(ticket, now)));
        }
        called.remove(ticket.uid());
        if (full.isPresent() && !running.containsKey(ticket.uid())) {
            unlist(ticket.uid());
            return new Place.Full(full.get());
        }
        return where(ticket);
    }

    /** It has ended, or wants nothing for the moment. */
    public void leaves(String uid) {
        Ticket left = running.get(uid);
        stop(uid);
        unlist(uid);
        quotas.forget(uid);
        if (left != null && left.needsPod()) {
            quotas.without(left); // who had the right to ask and did not: the next one does
        }
    }

    /** A quota refused its pod: it gives back what it held, so that others may run, and waits. */
    public Place refused(Ticket ticket, String words, Instant now) {
        stop(ticket.uid());
        unlist(ticket.uid());
        quotas.refused(ticket, words, now);
        list(ticket);
        settle(now);
        return where(ticket);
    }

    /** Whoever does not wait was let in. */
    private Place where(Ticket ticket) {
        return Optional.ofNullable(places.get(ticket.uid())).orElseGet(Place.Turn::new);
    }

    /** Its pod was created, so the quota has room, maybe for one more. */
    public void created(Ticket ticket) {
        if (ticket.gates().isEmpty()) {
            stop(ticket.uid());
        }
        quotas.forget(ticket.uid());
        if (!quotas.concerns(ticket)) {
            return;
        }
        turns.put(ticket.namespace(), ++turn);
        if (waiting.values().stream()
                .anyMatch(other -> other.needsPod() && other.namespace().equals(ticket.namespace()))) {
            quotas.without(ticket);
        } else {
            quotas.hasRoom(ticket.namespace());
        }
    }

    /** A pod of the namespace has ended: its quota may have room. */
    public void podEnded(String namespace) {
        quotas.podEnded(namespace);
    }

    /** Lets in whoever may start by now. */
    public void settle(Instant now) {
        Map<String, Integer> planned = new HashMap<>(taken);
        Map<String, Integer> positions = new HashMap<>();
        Set<Kept> kept = new HashSet<>();
        Set<String> yielding = new HashSet<>();
        for (Ticket ticket : Order.of(List.copyOf(waiting.values()), byNamespace, turns, quotas::shut)) {
            Optional<Gate> closed = closed(ticket, planned);
            if (quotas.shut(ticket)) {
                int position = positions.merge("quota/" + ticket.namespace(), 1, Integer::sum);
                places.put(ticket.uid(), quotas.place(ticket, position, now));
                if (closed.isEmpty() && quotas.yields(ticket)) {
                    yielding.add(ticket.namespace());
                }
            } else if (closed.isPresent()) {
                keep(ticket, closed.get(), kept).forEach(gate -> planned.merge(gate.key(), 1, Integer::sum));
                places.put(
                        ticket.uid(),
                        new Place.Waits(positions.merge(closed.get().key(), 1, Integer::sum), closed.get()));
            } else {
                ticket.gates().forEach(gate -> planned.merge(gate.key(), 1, Integer::sum));
                call(ticket, now);
            }
        }
        yielding.removeIf(namespace -> !quotas.nextRound(namespace));
        if (!yielding.isEmpty()) {
            settle(now);
        }
        forget();
    }

    /** One place of the {@code narrow} gate, for those that have passed it and wait at the {@code wide} one. */
    private record Kept(String narrow, String wide) {}

    /**
     * The narrower gates at which a place is kept for it, so that nobody behind it runs past it for ever. One place for all that wait at the
     * same gate is enough: when that one opens the first of them goes, and the next is then before all others in line for the next place.
     * More would stand empty for as long as it is closed; and none is kept for a gate that lets nobody through at all.
     */
    private static List<Gate> keep(Ticket ticket, Gate closed, Set<Kept> kept) {
        if (closed.running() == 0) {
            return List.of();
        }
        return ticket.gates().stream()
                .takeWhile(gate -> !gate.equals(closed))
                .filter(gate -> kept.add(new Kept(gate.key(), closed.key())))
                .toList();
    }

    /** Of namespaces nobody runs or waits in, nothing is remembered. */
    private void forget() {
        if (turns.size() > byNamespace.size()) {
            Set<String> here = new HashSet<>(byNamespace.keySet());
            waiting.values().forEach(ticket -> here.add(ticket.namespace()));
            turns.keySet().retainAll(here);
        }
    }

    /** Those whose turn came while they were not asking. */
    public List<Ticket> called() {
        List<Ticket> next = called.stream()
                .flatMap(uid -> Optional.ofNullable(running.get(uid)).stream())
                .toList();
        called.clear();
        return next;
    }

    // ---- the books

    private void call(Ticket ticket, Instant now) {
        unlist(ticket.uid());
        start(ticket);
        called.add(ticket.uid());
        if (quotas.concerns(ticket)) {
            quotas.taken(ticket, now); // it has had its turn when its pod is there
        } else {
            turns.put(ticket.namespace(), ++turn);
        }
    }

    private boolean mayStart(Ticket ticket) {
        return !quotas.shut(ticket) && closed(ticket, taken).isEmpty();
    }

    /** The narrowest gate that keeps it from starting, where so many have passed. */
    private static Optional<Gate> closed(Ticket ticket, Map<String, Integer> passed) {
        return ticket.gates().stream()
                .filter(gate -> passed.getOrDefault(gate.key(), 0) >= gate.running())
                .findFirst();
    }

    /** Whether somebody waits for something it needs, and so may come first. */
    private boolean waitsBefore(Ticket ticket) {
        if (quotas.concerns(ticket)) {
            return waiting.keySet().stream().anyMatch(uid -> !uid.equals(ticket.uid()));
        }
        return ticket.gates().stream().anyMatch(gate -> queued.getOrDefault(gate.key(), 0) > own(ticket, gate.key()));
    }

    private int own(Ticket ticket, String key) {
        Ticket listed = waiting.get(ticket.uid());
        return listed != null && keys(listed).contains(key) ? 1 : 0;
    }

    private Optional<QueueBound> full(Ticket ticket) {
        return ticket.bounds().stream()
                .filter(bound -> queued.getOrDefault(bound.key(), 0) >= bound.most())
                .findFirst();
    }

    private Place estimate(Ticket ticket, Instant now) {
        if (quotas.shut(ticket)) {
            return quotas.place(ticket, waiting.size(), now);
        }
        Gate closed = closed(ticket, taken).orElseThrow();
        return new Place.Waits(queued.getOrDefault(closed.key(), 1), closed);
    }

    private void start(Ticket ticket) {
        stop(ticket.uid());
        running.put(ticket.uid(), ticket);
        ticket.gates().forEach(gate -> taken.merge(gate.key(), 1, Integer::sum));
        byNamespace.merge(ticket.namespace(), 1, Integer::sum);
    }

    private void stop(String uid) {
        Ticket stopped = running.remove(uid);
        if (stopped != null) {
            stopped.gates().forEach(gate -> less(taken, gate.key()));
            less(byNamespace, stopped.namespace());
            called.remove(uid);
        }
    }

    private void list(Ticket ticket) {
        waiting.put(ticket.uid(), ticket);
        keys(ticket).forEach(key -> queued.merge(key, 1, Integer::sum));
    }

    private void unlist(String uid) {
        Ticket listed = waiting.remove(uid);
        places.remove(uid);
        if (listed != null) {
            keys(listed).forEach(key -> less(queued, key));
        }
    }

    /** By what those that wait are counted: their gates and their bounds, whose keys differ. */
    private static List<String> keys(Ticket ticket) {
        List<String> keys = new ArrayList<>();
        ticket.gates().forEach(gate -> keys.add(gate.key()));
        ticket.bounds().forEach(bound -> keys.add(bound.key()));
        return keys;
    }

    private static void less(Map<String, Integer> counts, String key) {
        counts.computeIfPresent(key, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    }
}
