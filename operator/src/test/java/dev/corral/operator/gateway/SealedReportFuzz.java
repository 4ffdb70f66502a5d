package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.operator.fuzz.Lines;
import dev.corral.operator.fuzz.Prompt;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;

/** Termination messages: as they come, and correctly sealed around whatever the fuzzer wants the report to be. */
class SealedReportFuzz {
    private static final String SESSION = "s0123456789abcdef";
    private static final String UID = "uid";
    private static final byte[] KEY = new byte[32];

    @FuzzTest(maxDuration = "60s")
    void unsealedTextIsNothingAndSealedTextIsAtMostAReport(byte[] input) {
        var text = new String(input, StandardCharsets.UTF_8);
        Prompt.run(() -> {
            assertThat(SealedReport.open(text, SESSION, KEY).isPresent() && !text.startsWith("corral1 " + SESSION))
                    .isFalse();
            var body = "corral1 " + SESSION + " " + UID + " "
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(input);
            var sealed = body + " " + HexFormat.of().formatHex(SessionKeys.hmac(KEY, body));
            SealedReport.open(sealed, SESSION, KEY).ifPresent(word -> {
                assertThat(word.executionUID()).isEqualTo(UID);
                assertThat(word.report().session()).isEqualTo(SESSION);
            });
            assertThat(SealedReport.open(sealed, "s0123456789abcdee", KEY)).isEmpty();
            assertThat(SealedReport.open(sealed + Lines.of(input).second() + "x", SESSION, KEY))
                    .isEmpty();
        });
    }
}
