package dev.corral.operator.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class TurnsTest {
    @Test
    void oneOfANamespaceWaitsForAnotherOfItAndForNoOther() throws Exception {
        var turns = new Turns();
        var second = new CountDownLatch(1);
        var waiting = new Thread(() -> turns.in("a", () -> {
            second.countDown();
            return "second";
        }));

        String other = turns.in("a", () -> {
            waiting.start();
            while (waiting.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            return CompletableFuture.supplyAsync(() -> turns.in("b", () -> "other " + second.getCount()))
                    .join();
        });

        assertThat(other).as("b is served while the second of a waits").isEqualTo("other 1");
        waiting.join();
        assertThat(second.getCount()).isZero();
    }
}
