package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ClaimTrafficTest {
    private Instant now = Instant.parse("2026-11-29T07:00:00Z");
    private final ClaimTraffic traffic = new ClaimTraffic(() -> now);
    private final PoolPace pace = new PoolPace();

    @Test
    void claimsRunForASecondAfterTheLastOne() {
        assertThat(traffic.runs()).isFalse();
        traffic.claimed();
        after(999);
        assertThat(traffic.runs()).isTrue();
        after(1);
        assertThat(traffic.runs()).isFalse();
    }

    @Test
    void eightInASecondAndAHalfAreASurge() {
        claimsEvery(250, 20);
        assertThat(traffic.surges()).as("four a second").isFalse();
        claimsEvery(50, 20);
        assertThat(traffic.surges()).isTrue();
        after(1149);
        assertThat(traffic.surges()).as("the eighth last was 1499 ms ago").isTrue();
        after(1);
        assertThat(traffic.surges()).as("nobody came any more").isFalse();
    }

    @Test
    void refillsWaitASecondForClaimsAndTenForASurge() {
        pace.tick(1, traffic, now);
        assertThat(budgetAfter(1)).as("nobody claims").isPositive();

        claimsEvery(900, 1);
        assertThat(budgetAfter(99)).isZero();
        claimsEvery(900, 1);
        assertThat(budgetAfter(99)).as("998 ms after the first look at it").isZero();
        assertThat(budgetAfter(2)).as("a second of claims").isPositive();
        after(10_000);
        assertThat(budgetAfter(0)).as("nobody claims any more").isPositive();

        claimsEvery(100, 10);
        assertThat(budgetAfter(0)).isZero();
        claimsEvery(100, 99);
        assertThat(budgetAfter(99)).as("9.999 s of a surge").isZero();
        assertThat(budgetAfter(1)).as("10 s of a surge").isPositive();
        assertThat(pace.claimsRun()).as("a few at a time").isTrue();
    }

    private void claimsEvery(int millis, int claims) {
        for (int i = 0; i < claims; i++) {
            after(millis);
            traffic.claimed();
        }
    }

    private int budgetAfter(int millis) {
        after(millis);
        pace.tick(1, traffic, now);
        return pace.budget();
    }

    private void after(int millis) {
        now = now.plus(Duration.ofMillis(millis));
    }
}
