package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations and quantities. */
class MeasuresTest {
    @ParameterizedTest
    @CsvSource({
        "1h30m, 5400000, 1h30m",
        "90s, 90000, 1m30s",
        "500ms, 500, 500ms",
        "7d, 604800000, 7d",
        "1d2h3m4s5ms, 93784005, 1d2h3m4s5ms",
        "60m, 3600000, 1h",
        "0h5m, 300000, 5m",
        "3650d, 315360000000, 3650d"
    })
    void durations(String text, long millis, String canonical) {
        assertThat(Durations.parse(text, "p").orElseThrow()).isEqualTo(millis);
        assertThat(Durations.text(millis)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "5", "-1s", "-1", "+1s", "1.5h", "1e9", "1e9s", "1s1h", "1h1h", "s", "1 h", "PT5M", "5M", "1w",
                "٣s", "1s ", "1ms1s"
            })
    void malformedDurations(String text) {
        assertThat(Durations.parse(text, "p").violations())
                .singleElement()
                .extracting(Violation::reason)
                .isEqualTo(ViolationReason.Malformed);
    }

    @ParameterizedTest
    @CsvSource({
        "9999999999s, longer",
        "999999999999999999d, longer",
        "3650d1ms, longer",
        "106751991168d, longer",
        "0s, zero",
        "0d0h0m0s0ms, zero",
        "00s, zero"
    })
    void durationsOutOfRange(String text, String hint) {
        assertThat(Durations.parse(text, "p").violations()).singleElement().satisfies(violation -> {
            assertThat(violation.reason()).isEqualTo(ViolationReason.OutOfRange);
            assertThat(violation.message()).contains(hint);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "1024, 1024, 1Ki",
        "64Mi, 67108864, 64Mi",
        "1Gi, 1073741824, 1Gi",
        "1.5Gi, 1610612736, 1536Mi",
        "1G, 1000000000, 1000000000",
        "1k, 1000, 1000",
        "1024Ti, 1125899906842624, 1024Ti",
        "0.5Ki, 512, 512"
    })
    void sizes(String text, long bytes, String canonical) {
        assertThat(Quantity.bytes(text, "p").orElseThrow()).isEqualTo(bytes);
        assertThat(Quantity.bytesText(bytes)).isEqualTo(canonical);
        assertThat(Quantity.bytes(canonical, "p").orElseThrow()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"1.3Gi, 1395864371", "0.1Mi, 104857", "1.5, 1", "1.999, 1"})
    void whatIsNoWholeNumberOfBytesIsRoundedDown(String text, long bytes) {
        assertThat(Quantity.bytes(text, "p").orElseThrow()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "1e30", "1E3", "-1", "+1", "100m", "1Pi", "1KB", "1 Gi", "Gi", ".5Gi", "1.Gi", "0x10", "NaN"
            })
    void malformedSizes(String text) {
        assertThat(Quantity.bytes(text, "p").violations())
                .singleElement()
                .extracting(Violation::reason)
                .isEqualTo(ViolationReason.Malformed);
    }

    @ParameterizedTest
    @CsvSource({
        "0, zero",
        "0.0Gi, zero",
        "1025Ti, more than",
        "9999999999999999999Ti, more than",
        "99999999999999999999, more than",
        "0.9, zero",
        "0.0001Ki, zero"
    })
    void sizesOutOfRange(String text, String hint) {
        assertThat(Quantity.bytes(text, "p").violations()).singleElement().satisfies(violation -> {
            assertThat(violation.reason()).isEqualTo(ViolationReason.OutOfRange);
            assertThat(violation.message()).contains(hint);
        });
    }

    @ParameterizedTest
    @CsvSource({"500m, 500, 500m", "1, 1000, 1", "0.5, 500, 500m", "2.25, 2250, 2250m", "1000m, 1000, 1"})
    void cpu(String text, long millis, String canonical) {
        assertThat(Quantity.cpuMillis(text, "p").orElseThrow()).isEqualTo(millis);
        assertThat(Quantity.cpuText(millis)).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0m", "-1", "0.0001", "0.5m", "1Gi", "1k", "1e3", "1000001", "1000000001m"})
    void cpuRefused(String text) {
        assertThat(Quantity.cpuMillis(text, "p")).isInstanceOf(Parsed.Malformed.class);
    }
}
