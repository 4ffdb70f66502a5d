package dev.corral.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.operator.fuzz.Prompt;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The message of the readiness gate, which somebody else may have written: unreadable text is no evidence, and never an exception. */
class EvidenceFuzz {
    @FuzzTest(maxDuration = "60s")
    void evidenceIsReadOrIsNone(byte[] input) {
        var message = new String(input, StandardCharsets.UTF_8);
        var pod = new PodBuilder()
                .withNewStatus()
                .withPhase("Running")
                .addNewContainerStatus()
                .withNewState()
                .withNewRunning()
                .endRunning()
                .endState()
                .endContainerStatus()
                .addNewCondition()
                .withType(OwnedLabels.SANDBOX_VERIFIED)
                .withStatus("True")
                .withMessage(message)
                .endCondition()
                .endStatus()
                .build();
        Prompt.run(() -> {
            assertThat(PodReader.evidence(message)).isNotNull();
            assertThat(PodReader.read(Optional.of(pod)))
                    .isInstanceOfAny(Observation.Ready.class, Observation.Running.class);
        });
    }
}
