package dev.corral.operator.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.operator.fuzz.Lines;
import dev.corral.operator.fuzz.Prompt;
import dev.corral.operator.permission.Parsed;

/** Image references, and the patterns administrators write for them. */
class ImageFuzz {
    @FuzzTest(maxDuration = "60s")
    void aReferenceReadsBackAndAPatternMeansNoOtherRepository(byte[] input) {
        var lines = Lines.of(input);
        Prompt.run(() -> {
            if (ImageReference.parse(lines.first(), "image") instanceof Parsed.Value<ImageReference>(var image)) {
                assertThat(image).hasToString(lines.first());
                if (ImagePattern.parse(lines.second(), "images[0]") instanceof Parsed.Value<ImagePattern>(var pattern)
                        && pattern.matches(image)
                        && lines.second().endsWith("/*")) {
                    var registry = lines.second().substring(0, lines.second().length() - 1);
                    assertThat(image.repository()).startsWith(registry);
                }
            }
        });
    }
}
