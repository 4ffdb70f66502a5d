package dev.corral.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds of those that wait, whoever comes and goes in whatever order. */
class QueueLaws {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** Two bounds of each namespace, one of all; namespace "c" has an own, narrower one. */
    private static List<Gate> gates(String namespace, int all, int each) {
        List<Gate> gates = new ArrayList<>(List.of(
                new Gate("all", true, all, "ClusterPluginPolicy/all", "spec.concurrency.running"),
                new Gate(
                        "each/" + namespace,
                        false,
                        each,
                        "ClusterPluginPolicy/all",
                        "spec.concurrency.runningPerNamespace")));
        if (namespace.equals("c")) {
            gates.add(new Gate("here/c", false, 1, "PluginPolicy/own", "spec.concurrency.running"));
        }
        return gates;
    }

    private static Ticket ticket(int number, String namespace, int priority, List<Gate> gates) {
        return new Ticket(
                "uid-" + number,
                namespace,
                "run-" + number,
                priority,
                START.plusSeconds(number / 3),
                START.plusMillis(number * 10L),
                false,
                true,
                gates,
                List.of(new QueueBound(
                        "queue/" + namespace, 100, "ClusterPluginPolicy/all", "spec.concurrency.queuedPerNamespace")));
    }

    private static List<Ticket> crowd(Random random, int size, int all, int each) {
        return IntStream.range(0, size)
                .mapToObj(number -> {
                    String namespace = List.of("a", "b", "c").get(random.nextInt(3));
                    return ticket(number, namespace, random.nextInt(3) - 1, gates(namespace, all, each));
                })
                .toList();
    }

    /** People come, end, are cancelled and ask again in any order, quotas refuse some: no bound is ever passed, and everybody has a turn in the end. */
    @Property(tries = 300)
    void neverMoreThanABoundAndNobodyIsForgotten(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 6) int all,
            @ForAll @IntRange(min = 1, max = 4) int each) {
        WaitingRoom room = new WaitingRoom();
        Map<String, Ticket> running = new HashMap<>();
        Map<String, Ticket> waiting = new HashMap<>();
        Set<String> served = new HashSet<>();
        Deque<Ticket> toCome = new ArrayDeque<>(crowd(random, 40, all, each));
        Instant now = START;
        for (int step = 0; step < 4000 && !(toCome.isEmpty() && waiting.isEmpty() && running.isEmpty()); step++) {
            now = now.plusMillis(500);
            switch (toCome.isEmpty() ? 1 + random.nextInt(3) : random.nextInt(4)) {
                case 0 -> ask(room, toCome.remove(), running, waiting, now);
                case 1 -> end(room, any(random, running), running, now);
                case 2 -> any(random, waiting).ifPresent(again -> {});
                default -> {
                    Optional<Ticket> again = any(random, waiting);
                    if (again.isPresent()) {
                        ask(room, again.get(), running, waiting, now);
                    }
                }
            }
            for (Ticket called : room.called()) {
                assertThat(waiting.remove(called.uid()))
                        .as("called without waiting")
                        .isNotNull();
                if (random.nextInt(6) == 0) {
                    Place place = room.refused(called, "exceeded quota: q", now);
                    assertThat(place).isInstanceOf(Place.WaitsForQuota.class);
                    waiting.put(called.uid(), called);
                } else {
                    running.put(called.uid(), called);
                    room.created(called);
                    room.settle(now);
                }
            }
            assertThat(within(running.values())).as("step %d", step).isTrue();
            served.addAll(running.keySet());
        }
        assertThat(waiting).isEmpty();
        assertThat(served).hasSize(40);
        assertThat(room.waiting()).isZero();
    }

    private static void ask(
            WaitingRoom room, Ticket ticket, Map<String, Ticket> running, Map<String, Ticket> waiting, Instant now) {
        switch (room.asks(ticket, now)) {
            case Place.Turn turn -> {
                waiting.remove(ticket.uid());
                running.put(ticket.uid(), ticket);
                room.created(ticket);
                room.settle(now);
            }
            case Place.Waits waits -> {
                assertThat(waits.position()).isBetween(1, 40);
                waiting.put(ticket.uid(), ticket);
            }
            case Place.WaitsForQuota waits -> {
                assertThat(waits.position()).isBetween(1, 40);
                waiting.put(ticket.uid(), ticket);
            }
            case Place.Full full -> throw new AssertionError("nobody is refused here");
        }
    }

    private static void end(WaitingRoom room, Optional<Ticket> ticket, Map<String, Ticket> running, Instant now) {
        if (ticket.isPresent()) {
            running.remove(ticket.get().uid());
            room.leaves(ticket.get().uid());
            room.settle(now);
        }
    }

    private static Optional<Ticket> any(Random random, Map<String, Ticket> of) {
        return of.isEmpty()
                ? Optional.empty()
                : of.values().stream()
                        .sorted(Ticket.ARRIVAL)
                        .skip(random.nextInt(of.size()))
                        .findFirst();
    }

    private static boolean within(Iterable<Ticket> running) {
        Map<Gate, Integer> counts = new HashMap<>();
        running.forEach(ticket -> ticket.gates().forEach(gate -> counts.merge(gate, 1, Integer::sum)));
        return counts.entrySet().stream()
                .allMatch(count -> count.getValue() <= count.getKey().running());
    }

    @Property(tries = 200)
    void theOrderIsThatOfWhoeverAsksWhenever(@ForAll Random random) {
        List<Ticket> crowd = crowd(random, 25, 2, 2);
        List<Ticket> shuffled = new ArrayList<>(crowd);
        Collections.shuffle(shuffled, random);
        assertThat(Order.of(shuffled, Map.of(), Map.of(), none -> false))
                .isEqualTo(Order.of(crowd, Map.of(), Map.of(), none -> false));
    }

    @Property(tries = 200)
    void priorityComesFirst(@ForAll Random random) {
        List<Integer> priorities = Order.of(crowd(random, 25, 2, 2), Map.of(), Map.of(), none -> false).stream()
                .map(Ticket::priority)
                .toList();
        assertThat(priorities).isSortedAccordingTo(Collections.reverseOrder());
    }

    @Property(tries = 200)
    void whoCameFirstGoesFirstInItsNamespace(@ForAll Random random) {
        Map<List<Object>, List<Ticket>> lanes =
                Order.of(crowd(random, 25, 2, 2), Map.of(), Map.of(), none -> false).stream()
                        .collect(Collectors.groupingBy(ticket -> List.of(ticket.namespace(), ticket.priority())));
        lanes.values().forEach(lane -> assertThat(lane).isSortedAccordingTo(Ticket.ARRIVAL));
    }

    /** However many one namespace brings, and however early: while both wait, neither runs more at its turn, nor has two turns in a row where both run as many. */
    @Property(tries = 200)
    void aNamespaceThatBringsManyDoesNotKeepOthersBack(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 5) int all,
            @ForAll @IntRange(min = 1, max = 20) int few) {
        WaitingRoom room = new WaitingRoom();
        List<Gate> gates = List.of(new Gate("all", true, all, "ClusterPluginPolicy/all", "spec.concurrency.running"));
        Set<String> running = new HashSet<>();
        List<Ticket> tickets = new ArrayList<>();
        IntStream.range(0, 60).forEach(number -> tickets.add(ticket(number, "a", 0, gates)));
        IntStream.range(60, 60 + few).forEach(number -> tickets.add(ticket(number, "b", 0, gates)));
        tickets.forEach(ticket -> {
            if (room.asks(ticket, START) instanceof Place.Turn) {
                running.add(ticket.uid());
            }
        });
        Map<String, String> namespaces = tickets.stream().collect(Collectors.toMap(Ticket::uid, Ticket::namespace));
        Map<String, Integer> left = new HashMap<>(Map.of("a", 60 - all, "b", few));
        String last = "";
        while (left.get("a") > 0 && left.get("b") > 0) {
            String ended = running.stream()
                    .sorted()
                    .skip(random.nextInt(running.size()))
                    .findFirst()
                    .orElseThrow();
            running.remove(ended);
            room.leaves(ended);
            room.settle(START);
            List<Ticket> called = room.called();
            assertThat(called).hasSize(1);
            String next = called.getFirst().namespace();
            long before =
                    running.stream().map(namespaces::get).filter(next::equals).count();
            assertThat(before)
                    .as("who gets it runs no more than the other")
                    .isLessThanOrEqualTo(running.size() - before);
            if (before == running.size() - before) {
                assertThat(next).as("both run as many").isNotEqualTo(last);
            }
            last = next;
            running.add(called.getFirst().uid());
            left.merge(next, -1, Integer::sum);
        }
    }

    private static Gate each(String namespace, int running) {
        return new Gate(
                "each/" + namespace, false, running, "ClusterPluginPolicy/all", "spec.concurrency.runningPerNamespace");
    }

    /** However many of a namespace wait at gates further on, in whatever order they came: one place for each of these gates stands empty, no more. */
    @Property(tries = 200)
    void thoseThatWaitFurtherOnKeepOnePlaceForEachGate(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 8) int each,
            @ForAll @IntRange(min = 1, max = 3) int further,
            @ForAll @IntRange(min = 0, max = 2) int open) {
        WaitingRoom room = new WaitingRoom();
        Gate narrow = each("a", each);
        List<Gate> wide = IntStream.range(0, further)
                .mapToObj(number ->
                        new Gate("wide-" + number, true, open, "ClusterPluginPolicy/wide", "spec.concurrency.running"))
                .toList();
        int number = 0;
        for (Gate gate : wide) {
            for (int i = 0; i < open; i++) {
                room.asks(ticket(number++, "b", 0, List.of(gate)), START);
            }
        }
        List<Ticket> come = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            for (Gate gate : wide) {
                come.add(ticket(number++, "a", random.nextInt(2), List.of(narrow, gate)));
            }
            come.add(ticket(number++, "a", random.nextInt(2), List.of(narrow)));
        }
        Collections.shuffle(come, random);
        come.forEach(ticket -> room.asks(ticket, START));
        Set<String> here = come.stream().map(Ticket::uid).collect(Collectors.toSet());
        long running = room.running().stream().filter(here::contains).count();
        assertThat(running).isGreaterThanOrEqualTo(open == 0 ? each : each - further);
        assertThat(running).isLessThanOrEqualTo(each);
    }

    /**
     * Those of its own namespace that need the narrow gate only come without end, and so do those of another that need the wide one only, and
     * that runs as many besides.
     */
    @Property(tries = 200)
    void nobodyRunsForEverPastOneThatNeedsTwoGates(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 4) int each,
            @ForAll @IntRange(min = 1, max = 3) int all) {
        WaitingRoom room = new WaitingRoom();
        Gate narrow = each("a", each);
        Gate wide = new Gate("wide", true, all, "ClusterPluginPolicy/wide", "spec.concurrency.running");
        Set<String> besides = new HashSet<>();
        int number = 0;
        for (; number < each; number++) {
            besides.add("uid-" + number);
            room.asks(ticket(number, "b", 0, List.of(each("b", each))), START);
        }
        Set<String> both = new HashSet<>();
        for (int come = 0; come < 15; come++) {
            room.asks(ticket(number++, "a", 0, List.of(narrow)), START);
            room.asks(ticket(number++, "b", 0, List.of(wide)), START);
            if (come > 4 && both.size() < 3) {
                both.add("uid-" + number);
                room.asks(ticket(number++, "a", 0, List.of(narrow, wide)), START);
            }
        }
        Set<String> left = new HashSet<>(both);
        for (int ends = 0; ends < 200 && !left.isEmpty(); ends++) {
            List<String> running = room.running().stream()
                    .filter(uid -> !besides.contains(uid))
                    .sorted()
                    .toList();
            room.leaves(running.get(random.nextInt(running.size())));
            room.settle(START);
            left.removeAll(room.running());
            room.asks(ticket(number++, "a", 0, List.of(narrow)), START);
            room.asks(ticket(number++, "b", 0, List.of(wide)), START);
        }
        assertThat(left).isEmpty();
    }
}
