package dev.corral.operator.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * In which order those that wait may start: by priority, then the namespace with the fewest that run or stand before, then who came
 * first. It depends on nothing but its arguments, so two controllers, or one before and after a restart, say the same.
 */
final class Order {
    private Order() {}

    /**
     * Whose executions are counted against each other: those of a namespace, at whatever gates. Counted by gate, one that passes fewer
     * gates would go before one of its own namespace that waits further on, for ever.
     */
    record Share(String namespace) {
        static Share of(Ticket ticket) {
            return new Share(ticket.namespace());
        }
    }

    private record Lane(Share share, Deque<Ticket> tickets) {}

    private record Head(int before, Ticket ticket, Lane lane) {}

    private static final Comparator<Head> NEXT =
            Comparator.comparingInt(Head::before).thenComparing(Head::ticket, Ticket.ARRIVAL);

    /** {@code running}: how many run already, by share. */
    static List<Ticket> of(Collection<Ticket> waiting, Map<Share, Integer> running) {
        NavigableMap<Integer, List<Ticket>> byPriority = new TreeMap<>(Comparator.reverseOrder());
        waiting.forEach(ticket -> byPriority
                .computeIfAbsent(ticket.priority(), none -> new ArrayList<>())
                .add(ticket));
        Map<Share, Integer> before = new HashMap<>(running);
        List<Ticket> order = new ArrayList<>(waiting.size());
        byPriority.values().forEach(equals -> append(equals, before, order));
        return order;
    }

    private static void append(List<Ticket> equals, Map<Share, Integer> before, List<Ticket> order) {
        Map<Share, Lane> lanes = new HashMap<>();
        equals.stream()
                .sorted(Ticket.ARRIVAL)
                .forEach(ticket -> lanes.computeIfAbsent(Share.of(ticket), share -> new Lane(share, new ArrayDeque<>()))
                        .tickets()
                        .add(ticket));
        PriorityQueue<Head> heads = new PriorityQueue<>(Math.max(1, lanes.size()), NEXT);
        lanes.values().forEach(lane -> offer(heads, lane, before));
        while (!heads.isEmpty()) {
            Head next = heads.remove();
            order.add(next.ticket());
            before.merge(next.lane().share(), 1, Integer::sum);
            offer(heads, next.lane(), before);
        }
    }

    private static void offer(PriorityQueue<Head> heads, Lane lane, Map<Share, Integer> before) {
        Ticket first = lane.tickets().poll();
        if (first != null) {
            heads.add(new Head(before.getOrDefault(lane.share(), 0), first, lane));
        }
    }
}
