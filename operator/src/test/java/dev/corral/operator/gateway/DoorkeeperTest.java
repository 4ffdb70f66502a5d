package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

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
