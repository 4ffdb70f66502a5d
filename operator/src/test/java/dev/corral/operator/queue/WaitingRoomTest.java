package dev.corral.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Single scenes of waiting. */
class WaitingRoomTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final Gate TWO = new Gate("two", true, 2, "ClusterPluginPolicy/two", "spec.concurrency.running");
    private static final QueueBound ONE_WAITS =
            new QueueBound("queue/two", 1, "ClusterPluginPolicy/two", "spec.concurrency.queuedPerNamespace");

    private final WaitingRoom room = new WaitingRoom();

    private static Ticket ticket(
            String name, String namespace, int priority, boolean known, boolean needsPod, Gate... gates) {
        return new Ticket(
                name,
                namespace,
                name,
                priority,
                NOW,
                NOW,
                known,
                needsPod,
                List.of(gates),
                gates.length == 0 ? List.of() : List.of(ONE_WAITS));
    }

    private static Ticket plain(String name) {
        return ticket(name, "a", 0, false, true, TWO);
    }

    private Place asks(Ticket ticket) {
        return room.asks(ticket, NOW);
    }

    private List<String> called() {
        return room.called().stream().map(Ticket::name).toList();
    }

    @Test
    void theThirdWaitsAndIsCalledWhenOneEnds() {
        assertThat(asks(plain("1"))).isInstanceOf(Place.Turn.class);
        assertThat(asks(plain("2"))).isInstanceOf(Place.Turn.class);
        assertThat(asks(plain("3"))).isEqualTo(new Place.Waits(1, TWO));
        assertThat(called()).isEmpty();
        room.leaves("1");
        room.settle(NOW);
        assertThat(called()).containsExactly("3");
        assertThat(asks(plain("3"))).isInstanceOf(Place.Turn.class);
    }

    @Test
    void aFullQueueRefusesTheNextAndKeepsWhoWasIn() {
        asks(plain("1"));
        asks(plain("2"));
        asks(plain("3"));
        assertThat(asks(plain("4"))).isEqualTo(new Place.Full(ONE_WAITS));
        assertThat(asks(ticket("5", "a", 0, true, true, TWO))).isInstanceOf(Place.Waits.class);
        assertThat(asks(plain("3"))).as("asking again").isInstanceOf(Place.Waits.class);
        assertThat(room.waiting()).isEqualTo(2);
    }

    @Test
    void afterARestartTheFirstToAskIsNotTheFirstToGo() {
        room.runs(plain("1"));
        room.runs(plain("2"));
        room.waits(ticket("low", "a", 0, true, true, TWO));
        room.waits(ticket("high", "a", 5, true, true, TWO));
        room.settle(NOW);
        room.leaves("1");
        room.settle(NOW);
        assertThat(called()).containsExactly("high");
    }

    @Test
    void whoeverRunsIsCountedThoughABoundWasLowered() {
        List.of("1", "2", "3", "4").forEach(name -> room.runs(plain(name)));
        assertThat(asks(plain("5"))).isInstanceOf(Place.Waits.class);
        room.leaves("1");
        room.leaves("2");
        room.settle(NOW);
        assertThat(called()).isEmpty();
        room.leaves("3");
        room.settle(NOW);
        assertThat(called()).containsExactly("5");
    }

    @Test
    void aRunBehindAFullQuotaGivesItsPlaceToAnotherNamespace() {
        asks(plain("1"));
        asks(plain("2"));
        assertThat(asks(ticket("other", "b", 0, true, true, TWO))).isInstanceOf(Place.Waits.class);
        assertThat(room.refused(plain("2"), "exceeded quota: small", NOW))
                .isEqualTo(new Place.WaitsForQuota(1, "exceeded quota: small", Duration.ofSeconds(2)));
        assertThat(called()).containsExactly("other");
    }

    @Test
    void oneAtATimeAsksAFullQuotaAgain() {
        Ticket first = ticket("1", "a", 0, false, true);
        Ticket second = ticket("2", "a", 0, false, true);
        room.refused(first, "exceeded quota: small", NOW);
        room.refused(second, "exceeded quota: small too", NOW);
        assertThat(asks(second))
                .isEqualTo(new Place.WaitsForQuota(2, "exceeded quota: small too", Duration.ofSeconds(2)));
        room.podEnded("b");
        room.settle(NOW);
        assertThat(called()).isEmpty();
        room.podEnded("a");
        room.settle(NOW);
        assertThat(called()).containsExactly("1");
        room.podEnded("a");
        room.settle(NOW);
        assertThat(called()).as("while the first asks").isEmpty();
        room.created(first);
        room.settle(NOW);
        assertThat(called()).containsExactly("2");
        room.created(second);
        assertThat(room.fullQuotas()).isEmpty();
        assertThat(room.isEmpty()).isTrue();
    }

    /** What has no room for the first may have some for another, now or when all of them have asked; the first keeps its place. */
    @Test
    void whenTheFirstIsRefusedOneOtherAsksAndEachTimeAnotherOne() {
        Ticket large = ticket("1", "a", 0, false, true);
        room.refused(large, "exceeded quota: small", NOW);
        Ticket second = ticket("2", "a", 0, false, true);
        assertThat(asks(second)).isInstanceOf(Place.Turn.class);
        asks(ticket("3", "a", 0, false, true));
        room.refused(second, "exceeded quota: small", NOW);
        assertThat(called()).isEmpty();
        for (String next : List.of("3", "2", "3")) {
            room.podEnded("a");
            room.settle(NOW);
            assertThat(called()).containsExactly("1");
            assertThat(room.refused(large, "exceeded quota: small", NOW))
                    .isEqualTo(new Place.WaitsForQuota(1, "exceeded quota: small", Duration.ofSeconds(4)));
            assertThat(called()).containsExactly(next);
            room.refused(ticket(next, "a", 0, false, true), "exceeded quota: small", NOW);
            assertThat(called()).isEmpty();
        }
        assertThat(asks(large)).isInstanceOf(Place.WaitsForQuota.class);
        assertThat(room.asks(large, NOW.plusSeconds(60))).isInstanceOf(Place.Turn.class);
    }

    @Test
    void aPodThatWaitsInAPoolNeedsNoQuota() {
        room.refused(ticket("1", "a", 0, false, true), "exceeded quota: small", NOW);
        assertThat(asks(ticket("warm", "a", 0, false, false, TWO))).isInstanceOf(Place.Turn.class);
    }

    @Test
    void whoIsCalledAndGoesAwayLetsTheNextAskTheQuota() {
        Ticket first = ticket("1", "a", 0, false, true);
        room.refused(first, "exceeded quota: small", NOW);
        room.refused(ticket("2", "a", 0, false, true), "exceeded quota: small", NOW);
        room.podEnded("a");
        room.settle(NOW);
        assertThat(called()).containsExactly("1");
        room.leaves("1");
        room.settle(NOW);
        assertThat(called()).containsExactly("2");
    }

    /** One that waits at the wide gate keeps its place at the narrow one, so that those behind it do not run past it for ever. */
    @Test
    void nobodyRunsPastOneThatWaitsFurtherOn() {
        Gate narrow = new Gate("narrow", false, 1, "PluginPolicy/narrow", "spec.concurrency.running");
        asks(plain("1"));
        asks(plain("2"));
        asks(ticket("both", "a", 0, true, true, TWO, narrow));
        assertThat(asks(ticket("narrow-only", "a", 0, true, true, narrow))).isEqualTo(new Place.Waits(1, narrow));
        room.leaves("1");
        room.settle(NOW);
        assertThat(called()).containsExactly("both");
    }

    /** What {@code docs/queueing.md} says of a bound of 1: also whoever needs another wide gate, which is open, waits, but not a higher priority. */
    @Test
    void thePlaceThatIsKeptIsForAHigherPriority() {
        Gate narrow = new Gate("narrow", false, 1, "PluginPolicy/narrow", "spec.concurrency.running");
        Gate open = new Gate("open", true, 1, "ClusterPluginPolicy/open", "spec.concurrency.running");
        asks(plain("1"));
        asks(plain("2"));
        asks(ticket("both", "a", 0, true, true, TWO, narrow));
        assertThat(asks(ticket("other", "a", 0, true, true, open, narrow))).isEqualTo(new Place.Waits(1, narrow));
        assertThat(asks(ticket("narrow-only", "a", 1, true, true, narrow))).isInstanceOf(Place.Turn.class);
    }
}
