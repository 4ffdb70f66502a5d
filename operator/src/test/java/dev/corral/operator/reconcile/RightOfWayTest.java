package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is claimed gives way to what is new, one look at a time excepted. */
class RightOfWayTest {
    private static final String CLAIMED = "{startTime: \"2026-11-23T07:00:00Z\", attempt: {podUID: p}}";

    private Instant now = Instant.parse("2026-11-23T07:00:00Z");
    private final FirstSight firstSight = new FirstSight(() -> now);
    private final RightOfWay rightOfWay = new RightOfWay(firstSight);
    private final List<String> looked = new ArrayList<>();

    @Test
    void withoutNewcomersEverybodyIsLookedAt() {
        look(execution("claimed", CLAIMED));
        firstSight.accept(execution("decided", "{startTime: \"2026-11-23T07:00:00Z\"}"));
        look(execution("claimed", CLAIMED));

        assertThat(looked).containsExactly("claimed", "claimed");
    }

    @Test
    void whileOneClaimedIsLookedAtBesideNewcomersTheNextComesBack() {
        PluginExecution newcomer = execution("new", "null");
        firstSight.accept(newcomer);

        rightOfWay.given(execution("first", CLAIMED), first -> {
            assertThat(look(execution("second", CLAIMED)).getScheduleDelay()).isPresent();
            look(newcomer);
            return UpdateControl.noUpdate();
        });
        look(execution("second", CLAIMED));

        assertThat(looked).containsExactly("new", "second");
    }

    @Test
    void aNewcomerIsOneUntilItsStatusIsWritten() {
        PluginExecution newcomer = execution("new", "null");
        firstSight.accept(newcomer);
        assertThat(firstSight.newcomers()).isTrue();

        firstSight.wrote(newcomer, execution("new", CLAIMED).getStatus());

        assertThat(firstSight.newcomers()).isFalse();
    }

    @Test
    void nobodyIsNewForLong() {
        firstSight.accept(execution("starved", "null"));

        now = now.plus(Duration.ofMillis(500));

        assertThat(firstSight.newcomers()).isFalse();
    }

    private UpdateControl<PluginExecution> look(PluginExecution execution) {
        return rightOfWay.given(execution, seen -> {
            looked.add(seen.getMetadata().getName());
            return UpdateControl.noUpdate();
        });
    }

    private static PluginExecution execution(String name, String status) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: %1$s, namespace: team-a, uid: uid-%1$s}
                spec: {plugin: {name: hello}, handler: greet}
                status: %2$s
                """.formatted(name, status), PluginExecution.class);
    }
}
