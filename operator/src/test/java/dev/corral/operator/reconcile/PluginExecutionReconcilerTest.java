package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PluginExecutionReconcilerTest {
    /** The SDK remembers an execution that is gone until the last look at it that was planned would have been due. */
    @Test
    void noLookIsPutOffForLong() {
        assertThat(delay(Optional.of(Duration.ofDays(30)))).isEqualTo(Duration.ofMinutes(15));
        assertThat(delay(Optional.empty())).isEqualTo(Duration.ofMinutes(15));
        assertThat(delay(Optional.of(Duration.ofSeconds(3)))).isEqualTo(Duration.ofSeconds(3));
    }

    private static Duration delay(Optional<Duration> wanted) {
        return Duration.ofMillis(
                PluginExecutionReconciler.again(wanted).getScheduleDelay().orElseThrow());
    }
}
