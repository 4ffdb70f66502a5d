package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Reports wait for executions that have no pod yet, but not for ever, and not for those that wait for something else. */
class RightOfWayTest {
    private final MovableClock clock = new MovableClock();
    private final RightOfWay rightOfWay = new RightOfWay(clock);

    @Test
    void whereNobodyIsNewNobodyWaits() {
        rightOfWay.changed(Fixtures.with(Fixtures.execution("decided"), status -> Fixtures.empty()));

        rightOfWay.giveWay();
    }

    @Test
    void anEndWaitsUntilTheNewOneIsDecided() throws Exception {
        var newcomer = newcomer("new");
        rightOfWay.changed(newcomer);

        var report = report();

        assertThat(report.isDone()).isFalse();
        rightOfWay.changed(Fixtures.with(newcomer, status -> Fixtures.empty()));
        report.get(10, TimeUnit.SECONDS);
    }

    @Test
    void oneThatIsGoneIsNotWaitedFor() throws Exception {
        var newcomer = newcomer("new");
        rightOfWay.changed(newcomer);
        var report = report();

        rightOfWay.gone("docs", "new", newcomer.getMetadata().getUid());

        report.get(10, TimeUnit.SECONDS);
    }

    @Test
    void oneThatFindsNoPodIsNotWaitedForLong() {
        rightOfWay.changed(newcomer("starved"));

        clock.advance(RightOfWay.CLAIMED_WITHIN);

        rightOfWay.giveWay();
    }

    @Test
    void aStreamOfNewOnesDoesNotKeepAReportBack() throws Exception {
        rightOfWay.changed(newcomer("first"));
        var report = report();

        clock.advance(RightOfWay.PATIENCE.minus(Duration.ofMillis(1)));
        rightOfWay.changed(newcomer("second"));
        assertThat(report.isDone()).isFalse();
        clock.advance(Duration.ofMillis(1));

        report.get(10, TimeUnit.SECONDS);
    }

    private static PluginExecution newcomer(String name) {
        var execution = Fixtures.execution(name);
        execution.setStatus(null);
        return execution;
    }

    /** A report that has come to its wait. */
    private CompletableFuture<Void> report() throws InterruptedException {
        var done = new CompletableFuture<Void>();
        var thread = Thread.ofPlatform().daemon().start(() -> {
            rightOfWay.giveWay();
            done.complete(null);
        });
        while (thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return done;
    }
}
