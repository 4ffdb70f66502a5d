package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is decided when is told by the story hello-cold. */
class RetentionTest {
    @Test
    void whatEndedTogetherIsClearedOverATenthOfItsTime() {
        var ttl = Duration.ofMinutes(5);
        var random = new Random(1);
        var later = Stream.generate(() -> new UUID(random.nextLong(), random.nextLong()).toString())
                .limit(1000)
                .map(uid -> Retention.spread(uid, ttl))
                .toList();

        for (var tenth = 0; tenth < 10; tenth++) {
            var from = ttl.dividedBy(100).multipliedBy(tenth);
            var to = from.plus(ttl.dividedBy(100));
            assertThat(later.stream()
                            .filter(one -> one.compareTo(from) >= 0 && one.compareTo(to) < 0)
                            .count())
                    .as("from %s later to %s", from, to)
                    .isBetween(50L, 150L);
        }
    }

    @Test
    void whatIsKeptForLongIsClearedWithinAMinuteAndWhatIsNotKeptAtOnce() {
        var last = "c"; // whose hash is 99

        assertThat(Retention.spread(last, Duration.ofDays(7))).isEqualTo(Duration.ofMillis(59_400));
        assertThat(Retention.spread(last, Duration.ofMinutes(10))).isEqualTo(Duration.ofMillis(59_400));
        assertThat(Retention.spread(last, Duration.ofSeconds(10))).isEqualTo(Duration.ofMillis(990));
        assertThat(Retention.spread(last, Duration.ZERO)).isZero();
    }
}
