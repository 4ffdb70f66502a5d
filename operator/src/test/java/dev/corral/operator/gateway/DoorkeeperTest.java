package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DoorkeeperTest {
    private final MovableClock clock = new MovableClock();
    private final Doorkeeper doorkeeper = Doorkeeper.ofReviews(clock);

    @Test
    void allAddressesTogetherCostSoManyReviews() {
        for (var i = 0; i < Doorkeeper.REVIEWS.burst(); i++) {
            assertThat(admitted("10.0.0." + i)).isTrue();
        }
        assertThat(admitted("10.0.1.1")).isFalse();

        clock.advance(Doorkeeper.REVIEWS.interval());

        assertThat(admitted("10.0.1.2")).isTrue();
        assertThat(admitted("10.0.1.3")).isFalse();
    }

    @Test
    void whoIsRefusedForItselfTakesNothingFromTheOthers() {
        var admitted = 0;
        for (var i = 0; i < 2 * Doorkeeper.REVIEWS.burst(); i++) {
            admitted += admitted("10.0.0.1") ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(Doorkeeper.REVIEWS_OF_ONE.burst());
        for (var i = admitted; i < Doorkeeper.REVIEWS.burst(); i++) {
            assertThat(admitted("10.0.1." + i)).isTrue();
        }
    }

    /** Handlers of two hundred runs, as fast as each may, for three minutes; half of what all may have is asked for by launchers. */
    @Test
    void whoAsksAgainTakesNothingFromWhoComesNew() {
        var again = 0;
        for (var step = 0; step < 1800; step++) {
            for (var handler = 0; handler < 200; handler++) {
                again += admitted("10.1.0." + handler) ? 1 : 0;
            }
            for (var launcher = 0; launcher < 10; launcher++) {
                assertThat(admitted("10.2." + step + "." + launcher)).isTrue();
            }
            clock.advance(Duration.ofMillis(100));
        }
        // and has the rest, but for what is kept
        assertThat(again).isBetween(17_500, 18_500);
    }

    /** A tenant has as many handlers as runs, and each has the address of its pod. */
    @Test
    void theAddressesOfANamespaceHaveTogetherWhatOneHas() {
        for (var handler = 0; handler < 100; handler++) {
            assertThat(admitted("10.1.0." + handler)).as("its launcher").isTrue();
            doorkeeper.belongs("10.1.0." + handler, "team-a");
        }
        clock.advance(Duration.ofSeconds(10));
        var again = 0;
        for (var i = 0; i < 10; i++) {
            for (var handler = 0; handler < 100; handler++) {
                again += admitted("10.1.0." + handler) ? 1 : 0;
            }
        }
        assertThat(again).isEqualTo(Doorkeeper.REVIEWS_OF_ONE.burst());

        assertThat(admitted("10.1.1.1")).as("the next launcher").isTrue();
        clock.advance(Duration.ofMinutes(1));
        assertThat(admitted("10.1.0.1")).as("another pod has the address now").isTrue();
        doorkeeper.belongs("10.1.0.1", "team-b");
        for (var handler = 2; handler < 100; handler++) {
            admitted("10.1.0." + handler);
        }
        assertThat(admitted("10.1.0.2")).isFalse();
        assertThat(admitted("10.1.0.1")).isTrue();
    }

    /** A hundred of them, as fast as each may, for ten seconds. */
    @Test
    void whoConnectsAgainAndAgainKeepsNobodyOutWhoHasFewConnections() {
        var port = Doorkeeper.ofConnections(clock);
        var again = 0;
        for (var step = 0; step < 100; step++) {
            for (var i = 0; i < 1000; i++) {
                again += port.lets("10.1.0." + i % 100) ? 1 : 0;
            }
            assertThat(port.lets("10.2.0." + step % 20)).isTrue();
            clock.advance(Duration.ofMillis(100));
        }
        assertThat(again).isBetween(6_000, 8_000);
    }

    private boolean admitted(String address) {
        try {
            doorkeeper.admit(address);
            return true;
        } catch (Refusal busy) {
            assertThat(busy.status()).isEqualTo(503);
            return false;
        }
    }
}
