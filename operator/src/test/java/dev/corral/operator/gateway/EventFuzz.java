package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.operator.fuzz.Prompt;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.TopicPattern;
import java.nio.charset.StandardCharsets;

/** Events as a launcher passes them on: what is granted fits into an Event of Kubernetes. */
class EventFuzz {
    @FuzzTest(maxDuration = "60s")
    void aGrantedEventFitsIntoKubernetes(byte[] input) {
        Prompt.run(() -> Json.parse(input).flatMap(PluginEvent::read).ifPresent(event -> {
            assertThat(event.fingerprint()).isEqualTo(event.fingerprint());
            assertThat(event.note().getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(1024);
            assertThat(event.note()).doesNotContain("\n", "\u001b", "\u202e");
            if (TopicPattern.parse(event.topic(), "") instanceof Parsed.Value<TopicPattern>(var topic)
                    && topic.matches(event.topic())) {
                assertThat(Topics.reason(event.topic())).matches("[A-Z0-9][A-Za-z0-9]{0,127}");
            }
        }));
    }
}
