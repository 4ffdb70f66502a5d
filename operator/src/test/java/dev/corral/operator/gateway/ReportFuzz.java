package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.fuzz.Prompt;
import dev.corral.operator.schema.CanonicalJson;
import java.nio.charset.StandardCharsets;

/** Reports and every other document of a launcher: read within bounds, or not at all. */
class ReportFuzz {
    @FuzzTest(maxDuration = "60s")
    void aReportIsBoundedAndPlain(byte[] input) {
        Prompt.run(() -> Json.parse(input).ifPresent(document -> {
            // its text parses back to the same document, and the hash of an input rests on that
            assertThat(CanonicalJson.hash(document)).hasSize(64);
            Json.parseObject(input).flatMap(Reports::read).ifPresent(ReportFuzz::bounded);
        }));
    }

    private static void bounded(RunReport report) {
        assertThat(report.attempt()).isPositive();
        plain(report.message(), 1024);
        plain(report.resultProblem(), 512);
        plain(report.logTail(), 4096);
        assertThat(report.artifacts()).hasSizeLessThanOrEqualTo(50).allSatisfy(artifact -> {
            assertThat(artifact.name()).matches("[a-z0-9][a-z0-9._-]{0,62}");
            plain(artifact.problem(), 256);
            assertThat(artifact.type()).hasSizeLessThan(128);
        });
        if (report.result() != null) {
            assertThat(Json.bytes(report.result())).hasSizeLessThanOrEqualTo(16 * 1024);
        }
    }

    private static void plain(String text, int bytes) {
        assertThat(text.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(bytes);
        assertThat(text.codePoints().filter(c -> c != '\n' && c != '\t'))
                .noneMatch(c -> Character.getType(c) == Character.CONTROL || Character.getType(c) == Character.FORMAT);
    }
}
