package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.operator.fuzz.Lines;
import dev.corral.operator.fuzz.Prompt;
import dev.corral.operator.status.PlainText;
import java.nio.file.Path;

/** Names and types of artifacts, which become file names and header lines. */
class ArtifactNameFuzz {
    private static final Path FOLDER = Path.of("/store/uid");

    @FuzzTest(maxDuration = "60s")
    void aNameIsOnePathSegmentAndATypeOneHeaderLine(byte[] input) {
        var lines = Lines.of(input);
        Prompt.run(() -> {
            if (Reports.ARTIFACT_NAME.matcher(lines.first()).matches()) {
                var file = FOLDER.resolve(lines.first()).normalize();
                assertThat(file.getParent()).isEqualTo(FOLDER);
                assertThat(file.getFileName()).hasToString(lines.first());
            }
            assertThat(MediaTypes.of(lines.second())).matches("[\\x20-\\x7e]{3,127}");
            assertThat(PlainText.line(lines.third(), 64)).doesNotContain("\r", "\n");
        });
    }
}
