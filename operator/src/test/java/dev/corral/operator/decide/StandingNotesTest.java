package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What a controller that has just started still has to tell of a status another one wrote. */
class StandingNotesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:30Z");

    private static final String CLAIM = """
              effectivePermissions: [env LANG, limits.cpu 500m]
              attempt: {number: 1, pod: pex-1, podUID: u, session: s, claimTime: "2026-11-23T07:00:00Z"}
            """;

    @Test
    void aClaimIsTold() {
        assertThat(StandingNotes.of(execution("status:\n" + CLAIM), false, NOW))
                .containsExactly(EventNote.normal(
                        "Started", "Claim", "Handler greet runs in pod pex-1 with 2 effective permissions"));
    }

    @Test
    void ofWhatHasEndedTheEndIsNewsEnough() {
        var ended = execution("status:\n" + CLAIM + end("True", "HandlerReturned", "exit 0"));
        assertThat(StandingNotes.of(ended, false, NOW))
                .extracting(EventNote::note)
                .containsExactly("exit 0 · kubectl logs -n team-a pex-1");
    }

    @Test
    void ofAWarmRunNothingIsToldUntilOthersHaveHadTheirStart() {
        var running = execution("status:\n  start: Warm\n" + CLAIM);
        assertThat(StandingNotes.of(running, false, Instant.parse("2026-11-23T07:00:01.999Z")))
                .isEmpty();
        assertThat(StandingNotes.of(running, false, Instant.parse("2026-11-23T07:00:02Z")))
                .extracting(EventNote::reason)
                .containsExactly("Started");
        var ended = execution("status:\n  start: Warm\n" + CLAIM + end("True", "HandlerReturned", "exit 0"));
        assertThat(StandingNotes.of(ended, false, Instant.parse("2026-11-23T07:00:01.999Z")))
                .isEmpty();
        assertThat(StandingNotes.of(ended, false, NOW))
                .extracting(EventNote::reason)
                .containsExactly("HandlerReturned");
        assertThat(StandingNotes.of(ended, true, Instant.parse("2026-11-23T07:00:09.999Z")))
                .as("in a surge")
                .isEmpty();
        assertThat(StandingNotes.of(ended, true, Instant.parse("2026-11-23T07:00:10Z")))
                .hasSize(1);
    }

    @Test
    void anEndBeforeAnyClaimIsToldWithItsRemedyAndWithoutALog() {
        var ended = execution("status:\n" + end("False", "TimedOut", "too long"));
        assertThat(StandingNotes.of(ended, false, NOW))
                .containsExactly(
                        EventNote.warning(
                                "TimedOut",
                                "Run",
                                "too long · Make the handler faster, or raise the timeout where status.effectivePermissions says it comes from."));
    }

    @Test
    void whatIsTenMinutesOldIsNoNews() {
        var ended = execution("status:\n" + CLAIM + end("True", "HandlerReturned", "exit 0"));
        assertThat(StandingNotes.of(ended, false, Instant.parse("2026-11-23T07:10:10Z")))
                .extracting(EventNote::reason)
                .containsExactly("HandlerReturned");
        assertThat(StandingNotes.of(ended, false, Instant.parse("2026-11-23T07:10:20Z")))
                .isEmpty();
    }

    @Test
    void nothingIsToldOfWhatHasNotHappened() {
        assertThat(StandingNotes.of(execution(""), false, NOW)).isEmpty();
        assertThat(StandingNotes.of(execution("status: {attempt: {number: 1, pod: pex-1}}"), false, NOW))
                .isEmpty();
        assertThat(StandingNotes.of(execution("status:\n" + end("Unknown", "StartingPod", "")), false, NOW))
                .isEmpty();
    }

    private static String end(String status, String reason, String message) {
        return """
                  completionTime: "2026-11-23T07:00:20Z"
                  conditions:
                  - {type: Succeeded, status: "%s", reason: %s, message: "%s"}
                """.formatted(status, reason, message).indent(0);
    }

    private static PluginExecution execution(String status) {
        return Serialization.unmarshal("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginExecution
                metadata: {name: hello, namespace: team-a, uid: uid-1}
                spec: {plugin: {name: hello}, handler: greet}
                """ + status, PluginExecution.class);
    }
}
