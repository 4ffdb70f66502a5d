package dev.corral.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds of those that wait for a quota which refuses what is too large for it, now or for good. */
class QuotaLaws {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final int HARD = 8;

    private final WaitingRoom room = new WaitingRoom();
    private final Map<String, Ticket> waiting = new LinkedHashMap<>();
    private final Map<String, Ticket> running = new LinkedHashMap<>();
    private final Map<String, Integer> sizes = new HashMap<>();
    private final List<String> served = new ArrayList<>();
    private int others;
    private int refusals;
    private Instant now = START;

    /** {@code others}: what pods that are none of ours take of the quota, for good. */
    private static QuotaLaws scene(int others) {
        QuotaLaws scene = new QuotaLaws();
        scene.others = others;
        return scene;
    }

    private void comes(String name, String namespace, int priority, int size, Gate... gates) {
        Ticket ticket = new Ticket(name, namespace, name, priority, now, now, false, true, List.of(gates), List.of());
        sizes.put(name, size);
        waiting.put(name, ticket);
        asks(ticket);
    }

    private void asks(Ticket ticket) {
        if (room.asks(ticket, now) instanceof Place.Turn) {
            creates(ticket);
        }
        answers();
    }

    private void answers() {
        for (List<Ticket> called = room.called(); !called.isEmpty(); called = room.called()) {
            called.forEach(this::creates);
        }
    }

    private void creates(Ticket ticket) {
        int used = running.values().stream()
                .filter(other -> other.namespace().equals(ticket.namespace()))
                .mapToInt(other -> sizes.get(other.uid()))
                .sum();
        if (others + used + sizes.get(ticket.uid()) > HARD) {
            refusals++;
            room.refused(ticket, "exceeded quota: q", now);
            return;
        }
        waiting.remove(ticket.uid());
        running.put(ticket.uid(), ticket);
        served.add(ticket.uid());
        if (room.fullQuotas().contains(ticket.namespace())) {
            room.created(ticket);
            room.settle(now);
        }
    }

    private void ends(Ticket ticket) {
        running.remove(ticket.uid());
        room.leaves(ticket.uid());
        room.podEnded(ticket.namespace());
        room.settle(now);
        answers();
    }

    /** Half a second in which somebody asks again, and some pod ends, that of a warm run perhaps. */
    private void goesOn(Random random) {
        now = now.plusMillis(500);
        if (random.nextInt(3) == 0) {
            room.podEnded("a");
            room.settle(now);
            answers();
        }
        if (random.nextInt(3) == 0 && !running.isEmpty()) {
            ends(List.copyOf(running.values()).get(random.nextInt(running.size())));
        }
        if (!waiting.isEmpty()) {
            asks(List.copyOf(waiting.values()).get(random.nextInt(waiting.size())));
        }
    }

    /** However many are too large, first in line by age and priority, and whatever else ends meanwhile. */
    @Property(tries = 200)
    void whatNeverFitsKeepsNobodyElseFromStarting(
            @ForAll Random random,
            @ForAll @IntRange(min = 1, max = 4) int large,
            @ForAll @IntRange(min = 0, max = 4) int others) {
        QuotaLaws scene = scene(others);
        for (int i = 0; i < large; i++) {
            scene.comes("large-" + i, "a", random.nextInt(2), HARD - others + 1);
        }
        for (int i = 0; i < 20; i++) {
            scene.comes("fits-" + i, "a", 0, 1 + random.nextInt(HARD - others));
            scene.goesOn(random);
        }
        for (int step = 0; step < 2000 && scene.waiting.size() > large; step++) {
            scene.goesOn(random);
        }
        assertThat(scene.waiting.keySet()).hasSize(large).allMatch(name -> name.startsWith("large"));
        assertThat(scene.served).hasSize(20);
    }

    /** Where there is room for it, one that comes waits for as many tries as there are too large ones before it; behind one only, for none. */
    @Property(tries = 100)
    void oneThatComesStartsWhenTheOthersHaveAskedOnce(
            @ForAll Random random, @ForAll @IntRange(min = 1, max = 10) int large) {
        QuotaLaws scene = scene(0);
        for (int i = 0; i < large; i++) {
            scene.comes("large-" + i, "a", 1, HARD + 1);
        }
        for (int step = random.nextInt(500); step > 0; step--) {
            scene.goesOn(random);
        }
        scene.comes("small", "a", 0, 1);
        for (int tries = 1; tries < large; tries++) {
            scene.now = scene.now.plusSeconds(30);
            scene.asks(scene.waiting.get("large-0"));
        }
        assertThat(scene.served).containsExactly("small");
    }

    /** Its failed tries are no turns: the others of its namespace have theirs. */
    @Example
    void whatNeverFitsCostsItsNamespaceNoTurn() {
        QuotaLaws scene = scene(0);
        Gate one = new Gate("one", true, 1, "ClusterPluginPolicy/one", "spec.concurrency.running");
        scene.comes("a-0", "a", 0, HARD + 1, one);
        for (int i = 0; i < 5; i++) {
            scene.comes("b-" + i, "b", 0, 1, one);
        }
        scene.comes("a-1", "a", 0, 1, one);
        for (int i = 0; i < 20 && !scene.served.contains("a-1"); i++) {
            scene.now = scene.now.plusSeconds(60);
            scene.asks(scene.waiting.get("a-0"));
            scene.comes("b-" + (5 + i), "b", 0, 1, one);
            scene.ends(scene.running.values().iterator().next());
        }
        assertThat(scene.served).contains("a-1").hasSizeLessThanOrEqualTo(4);
    }

    /** Of equal ones no refusal costs anybody its place, and each end of a pod is answered by two refusals at most. */
    @Property(tries = 200)
    void equalsStartInTheOrderOfTheirArrival(@ForAll Random random, @ForAll @IntRange(min = 1, max = 4) int size) {
        QuotaLaws scene = scene(0);
        for (int i = 0; i < 20; i++) {
            scene.now = scene.now.plusSeconds(1);
            scene.comes("run-%02d".formatted(i), "a", 0, size);
        }
        while (!scene.running.isEmpty()) {
            scene.now = scene.now.plusMillis(random.nextInt(4000));
            if (!scene.waiting.isEmpty()) {
                scene.asks(List.copyOf(scene.waiting.values()).get(random.nextInt(scene.waiting.size())));
            }
            int before = scene.refusals;
            scene.ends(List.copyOf(scene.running.values()).get(random.nextInt(scene.running.size())));
            assertThat(scene.refusals - before).isLessThanOrEqualTo(2);
        }
        assertThat(scene.served).hasSize(20).isSortedAccordingTo(Comparator.naturalOrder());
    }
}
