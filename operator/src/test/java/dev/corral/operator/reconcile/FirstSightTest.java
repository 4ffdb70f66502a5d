package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class FirstSightTest {
    private static final Instant NOON = Instant.parse("2026-11-30T12:00:00Z");

    private Instant now = NOON;
    private final FirstSight sight = new FirstSight(() -> now);

    private static PluginExecution execution(String status) {
        return execution("u", status);
    }

    private static PluginExecution execution(String uid, String status) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: check, namespace: docs, uid: %s}
                %s
                """.formatted(uid, status), PluginExecution.class);
    }

    /** The clock may not have gone on in between; whoever came first has the first turn. */
    @Test
    void noTwoAreSeenAtOnce() {
        sight.accept(execution("z", ""));
        sight.accept(execution("a", ""));

        assertThat(sight.of(execution("a", "")).orElseThrow())
                .isAfter(sight.of(execution("z", "")).orElseThrow());
    }

    @Test
    void theFirstTimeCounts() {
        assertThat(sight.accept(execution(""))).isTrue();
        now = NOON.plusSeconds(5);
        sight.accept(execution(""));

        assertThat(sight.of(execution(""))).contains(NOON);
    }

    @Test
    void aStatusKnowsBetter() {
        sight.accept(execution(""));

        assertThat(sight.of(execution("status: {startTime: \"2026-11-30T11:00:00Z\"}")))
                .isEmpty();
        assertThat(sight.of(execution(""))).as("and is remembered from then on").isEmpty();
    }

    /** Its clock starts when it is resumed. */
    @Test
    void oneThatIsSuspendedHasNoFirstSight() {
        sight.accept(execution(""));

        assertThat(sight.of(execution("status: {state: Suspended}"))).isEmpty();
    }

    @Test
    void whatIsDeletedUnseenIsForgotten() {
        sight.accept(execution(""));

        sight.forget(execution(""));

        assertThat(sight.of(execution(""))).isEmpty();
    }
}
