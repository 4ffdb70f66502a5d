package dev.corral.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Conditions, redaction and the words of endings. */
class StatusTest {
    private static final Instant THEN = Instant.parse("2026-11-23T07:00:00Z");
    private static final Instant NOW = Instant.parse("2026-11-23T08:00:00.123Z");

    @Test
    void aConditionHasAllSixFieldsAndItsTimeMovesOnlyWithItsStatus() {
        List<Condition> first = new ConditionSet(null, 1, THEN)
                .unknown(ConditionType.Succeeded, ConditionReason.StartingPod, "a")
                .yes(ConditionType.PermissionsGranted, ConditionReason.GrantedByPolicy, "b")
                .list();
        assertThat(first).extracting(Condition::type).containsExactly("PermissionsGranted", "Succeeded");
        List<Condition> second = new ConditionSet(first, 2, NOW)
                .unknown(ConditionType.Succeeded, ConditionReason.Proving, "c")
                .no(ConditionType.PermissionsGranted, ConditionReason.Denied, "d")
                .list();
        assertThat(second)
                .containsExactly(
                        new Condition("PermissionsGranted", "False", "Denied", "d", 2L, "2026-11-23T08:00:00Z"),
                        new Condition("Succeeded", "Unknown", "Proving", "c", 2L, "2026-11-23T07:00:00Z"));
    }

    @Test
    void aConditionOfAnotherVersionIsDroppedAndALongMessageIsCut() {
        List<Condition> odd = List.of(new Condition("FromTheFuture", "True", "X", "", 1L, THEN.toString()));
        List<Condition> now = new ConditionSet(odd, 1, NOW)
                .yes(ConditionType.Ready, ConditionReason.HandlerReturned, "x".repeat(5000))
                .list();
        assertThat(now).hasSize(1);
        assertThat(now.getFirst().message()).hasSize(ConditionSet.MESSAGE_LIMIT).endsWith("…");
        assertThat(ConditionSet.is(now, ConditionType.Ready, "True")).isTrue();
        assertThat(ConditionSet.is(now, ConditionType.Ready, "False")).isFalse();
        assertThat(ConditionSet.is(null, ConditionType.Ready, "True")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "password, true",
        "apiToken, true",
        "api_key, true",
        "db-secret, true",
        "Authorization, true",
        "monkey, false",
        "keyboard, false",
        "exitCode, false",
        "author, false",
    })
    void detailsAreRedactedByWholeWords(String name, boolean redacted) {
        assertThat(Redactor.details(Map.of(name, "v"))).containsEntry(name, redacted ? "[REDACTED]" : "v");
    }

    @ParameterizedTest
    @EnumSource(ConditionReason.class)
    void everyBadEndingSaysWhatToDo(ConditionReason reason) {
        Ending ending = Ending.of(reason, "m");
        boolean canEnd = !ending.remediation().isEmpty();
        boolean good = reason == ConditionReason.HandlerReturned || reason == ConditionReason.Planned;
        assertThat(ending.good()).isEqualTo(good);
        assertThat(good && canEnd).isFalse();
        assertThat(canEnd && ending.code().equals("INTERNAL")).isEqualTo(reason == ConditionReason.InternalError);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0ms",
        "999, 999ms",
        "1000, 1.00s",
        "1844, 1.84s",
        "59999, 60.00s",
        "60000, 1m",
        "125000, 2m5s",
    })
    void durationsAsPeopleWriteThem(long millis, String text) {
        assertThat(Readable.duration(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "10239, 10239",
        "10240, 10Ki",
        "10241, 11Ki",
        "10485760, 10Mi",
        "24117248, 23Mi",
        "24117249, 24Mi"
    })
    void sizesRoundUp(long bytes, String text) {
        assertThat(Readable.bytes(bytes)).isEqualTo(text);
    }
}
