package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.FileDigest;
import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an execution that takes another's artifact finds, waits for, or is told. */
class StagingTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    private static final String DIGEST = "ab".repeat(32);
    private static final String OTHER = "cd".repeat(32);
    private static final String SUCCEEDED =
            "completionTime: '2026-11-23T06:59:00Z', conditions: [{type: Succeeded, status: 'True'}]";

    @Test
    void whatIsThereIsNamedByItsDigest() {
        var found = of(taking("before"), producer(SUCCEEDED + ", artifacts: [" + artifact("Ready") + "]"));
        assertThat(found)
                .isEqualTo(new Staging.Ready(Optional.of(DIGEST), List.of(new FileDigest("copy", DIGEST, 12L))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "state: Running | has not ended",
                "completionTime: '2026-11-23T06:59:00Z', conditions: [{type: Succeeded, status: 'False'}], artifacts: [ARTIFACT] | did not succeed",
                "SUCCEEDED | has no artifact \"report\"",
                "SUCCEEDED, artifacts: [{name: other, state: Ready, sha256: DIGEST, size: 12}] | has no artifact \"report\"",
                "SUCCEEDED, artifacts: [{name: report, state: Skipped}] | is Skipped",
                "SUCCEEDED, artifacts: [{name: report, state: Failed, problem: 'withheld: the policy was revoked'}] | withheld",
                "SUCCEEDED, artifacts: [{name: report, state: Ready, sha256: DIGEST, size: 12, expires: '2026-11-23T07:00:00Z'}] | expired at 2026-11-23T07:00:00Z",
                "SUCCEEDED, artifacts: [{name: report, state: Ready, sha256: DIGEST, size: 262145}] | larger than 256 KiB",
            })
    void whatIsNotThereIsSaid(String status, String said) {
        var told = of(
                taking("before"),
                producer(status.replace("SUCCEEDED", SUCCEEDED)
                        .replace("ARTIFACT", artifact("Ready"))
                        .replace("DIGEST", DIGEST)));
        switch (told) {
            case Staging.Ready ready -> throw new AssertionError(ready);
            case Staging.Waiting(var message) ->
                assertThat(message).contains("spec.inputFrom.artifact", "spec.files[1].artifact", said, "before");
            case Staging.Unavailable(var message) -> assertThat(message).contains("spec.inputFrom.artifact", said);
        }
        assertThat(told instanceof Staging.Waiting).isEqualTo(said.equals("has not ended"));
    }

    @Test
    void anExecutionThatIsNotThereIsWaitedFor() {
        assertThat(of(taking("before"), Map.of()))
                .isInstanceOfSatisfying(
                        Staging.Waiting.class,
                        waiting -> assertThat(waiting.message()).contains("PluginExecution before does not exist"));
    }

    @Test
    void nobodyTakesTheirOwn() {
        assertThat(of(taking("taker"), Map.of()))
                .isInstanceOfSatisfying(
                        Staging.Unavailable.class,
                        gone -> assertThat(gone.message()).contains("cannot take its own artifact"));
    }

    /** Whoever deletes the producer and makes another of its name does not change what a further attempt gets. */
    @Test
    void aFurtherAttemptGetsWhatTheFirstGot() {
        var producer = producer(SUCCEEDED + ", artifacts: [" + artifact("Ready") + "]");
        for (var before : List.of(
                "{inputDigest: '%s', files: [{name: copy, sha256: '%s'}]}".formatted(OTHER, DIGEST),
                "{inputDigest: '%s', files: [{name: copy, sha256: '%s'}]}".formatted(DIGEST, OTHER))) {
            assertThat(of(taking("before", "status: {assignment: " + before + "}"), producer))
                    .isInstanceOfSatisfying(
                            Staging.Unavailable.class,
                            gone -> assertThat(gone.message()).contains("not the one the first attempt had"));
        }
        var same = "{inputDigest: '%s', files: [{name: copy, sha256: '%s'}]}".formatted(DIGEST, DIGEST);
        assertThat(of(taking("before", "status: {assignment: " + same + "}"), producer))
                .isInstanceOf(Staging.Ready.class);
    }

    private static Staging of(PluginExecution execution, Map<String, PluginExecution> producers) {
        return Staging.of(
                new Snapshot(
                        execution,
                        new Surroundings(
                                Optional.empty(),
                                Map.of(),
                                List.of(),
                                List.of(),
                                Set.of(),
                                false,
                                StoryTest.INSTALLATION),
                        producers,
                        PodFacts.NONE,
                        List.of(),
                        Pools.NONE,
                        Snapshot.Standing.NONE,
                        Optional.empty()),
                NOW);
    }

    private static PluginExecution taking(String producer, String... more) {
        return execution("taker", """
                spec:
                  plugin: {name: p}
                  handler: h
                  inputFrom: {artifact: {execution: NAME, artifact: report}}
                  files:
                    - {name: rules, configMapKey: {name: c, key: k}}
                    - {name: copy, artifact: {execution: NAME, artifact: report}}
                """.replace("NAME", producer) + String.join("\n", more));
    }

    private static Map<String, PluginExecution> producer(String status) {
        return Map.of("before", execution("before", "status: {" + status + "}"));
    }

    private static PluginExecution execution(String name, String rest) {
        return Serialization.unmarshal(
                "apiVersion: corral.dev/v1alpha1\nkind: PluginExecution\nmetadata: {name: " + name
                        + ", namespace: team-a}\n" + rest,
                PluginExecution.class);
    }

    private static String artifact(String state) {
        return "{name: report, state: %s, sha256: '%s', size: 12, expires: '2026-11-24T00:00:00Z'}"
                .formatted(state, DIGEST);
    }
}
