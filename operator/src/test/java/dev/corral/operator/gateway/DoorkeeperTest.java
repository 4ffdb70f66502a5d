package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DoorkeeperTest {
    private final MovableClock clock = new MovableClock();
    private final Doorkeeper doorkeeper = new Doorkeeper(clock);

    @Test
    void allAddressesTogetherCostSoManyReviews() {
        for (var i = 0; i < Doorkeeper.BURST_OF_ALL; i++) {
            assertThat(admitted("10.0.0." + i)).isTrue();
        }
        assertThat(admitted("10.0.1.1")).isFalse();

        clock.advance(Doorkeeper.INTERVAL_OF_ALL);

        assertThat(admitted("10.0.1.2")).isTrue();
        assertThat(admitted("10.0.1.3")).isFalse();
    }

    @Test
    void whoIsRefusedForItselfTakesNothingFromTheOthers() {
        var admitted = 0;
        for (var i = 0; i < 2 * Doorkeeper.BURST_OF_ALL; i++) {
            admitted += admitted("10.0.0.1") ? 1 : 0;
        }
        assertThat(admitted).isEqualTo(50);
        for (var i = admitted; i < Doorkeeper.BURST_OF_ALL; i++) {
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
