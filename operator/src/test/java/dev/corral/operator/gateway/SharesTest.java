package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class SharesTest {
    @Test
    void oneOfANamespaceWaitsForAnotherOfItAndForNoOther() throws Exception {
        var shares = new Shares();
        var second = new CountDownLatch(1);
        var waiting = new Thread(() -> shares.in("a", () -> {
            second.countDown();
            return "second";
        }));

        String other = shares.in("a", () -> {
            waiting.start();
            while (waiting.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            return CompletableFuture.supplyAsync(() -> shares.in("b", () -> "other " + second.getCount()))
                    .join();
        });

        assertThat(other).as("b is served while the second of a waits").isEqualTo("other 1");
        waiting.join();
        assertThat(second.getCount()).isZero();
    }
}
