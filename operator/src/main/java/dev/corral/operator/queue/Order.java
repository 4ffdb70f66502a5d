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
import java.util.function.Predicate;

/**
 * In which order those that wait may start: by priority, then the namespace with the fewest that run or stand before, then the one whose
 * last turn is longest ago, then who came first. Within a namespace it depends on the tickets alone, so a controller says the same before
 * and after a restart.
 */
final class Order {
    private Order() {}

    private record Lane(String namespace, Deque<Ticket> tickets) {}

    private record Head(int before, long lastTurn, Ticket ticket, Lane lane) {}

    private static final Comparator<Head> NEXT = Comparator.comparingInt(Head::before)
            .thenComparingLong(Head::lastTurn)
            .thenComparing(Head::ticket, Ticket.ARRIVAL);

    /**
     * {@code running}: how many run already; {@code turns}: the number of the last turn, which grows from turn to turn; by namespace,
     * at whatever gates: counted by gate, one that passes fewer would go before one of its own namespace that waits further on, for ever.
     * {@code held}: whom something else keeps from starting; that it stands before the others of its namespace takes no turn from them.
     */
    static List<Ticket> of(
            Collection<Ticket> waiting, Map<String, Integer> running, Map<String, Long> turns, Predicate<Ticket> held) {
        NavigableMap<Integer, List<Ticket>> byPriority = new TreeMap<>(Comparator.reverseOrder());
        waiting.forEach(ticket -> byPriority
                .computeIfAbsent(ticket.priority(), none -> new ArrayList<>())
                .add(ticket));
        Standings standings = new Standings(new HashMap<>(running), new HashMap<>(turns));
        List<Ticket> order = new ArrayList<>(waiting.size());
        byPriority.values().forEach(equals -> append(equals, standings, order, held));
        return order;
    }

    /** What each namespace has had by some point of the order. */
    private record Standings(Map<String, Integer> before, Map<String, Long> turns) {
        void turn(String namespace, int number) {
            before.merge(namespace, 1, Integer::sum);
            turns.put(namespace, Long.MAX_VALUE / 2 + number); // after all turns there were
        }

        Head head(Ticket ticket, Lane lane) {
            return new Head(
                    before.getOrDefault(lane.namespace(), 0), turns.getOrDefault(lane.namespace(), 0L), ticket, lane);
        }
    }

    private static void append(List<Ticket> equals, Standings standings, List<Ticket> order, Predicate<Ticket> held) {
        Map<String, Lane> lanes = new HashMap<>();
        equals.stream()
                .sorted(Ticket.ARRIVAL)
                .forEach(ticket -> lanes.computeIfAbsent(
                                ticket.namespace(), namespace -> new Lane(namespace, new ArrayDeque<>()))
                        .tickets()
                        .add(ticket));
        PriorityQueue<Head> heads = new PriorityQueue<>(Math.max(1, lanes.size()), NEXT);
        lanes.values().forEach(lane -> offer(heads, lane, standings));
        while (!heads.isEmpty()) {
            Head next = heads.remove();
            order.add(next.ticket());
            if (!held.test(next.ticket())) {
                standings.turn(next.lane().namespace(), order.size());
            }
            offer(heads, next.lane(), standings);
        }
    }

    private static void offer(PriorityQueue<Head> heads, Lane lane, Standings standings) {
        Ticket first = lane.tickets().poll();
        if (first != null) {
            heads.add(standings.head(first, lane));
        }
    }
}
