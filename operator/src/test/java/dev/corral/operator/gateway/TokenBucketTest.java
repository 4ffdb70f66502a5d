package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final TokenBucket bucket = new TokenBucket(3, Duration.ofSeconds(1));

    @Test
    void whatIsTakenComesBackOneByOne() {
        assertThat(bucket.take(START)).isTrue();
        assertThat(bucket.take(START)).isTrue();
        assertThat(bucket.take(START)).isTrue();
        assertThat(bucket.take(START)).isFalse();
        assertThat(bucket.take(START.plusSeconds(1))).isTrue();
        assertThat(bucket.take(START.plusSeconds(1))).isFalse();
    }

    @Test
    void aClockSetBackByAnHourKeepsNobodyOutForAnHour() {
        assertThat(bucket.take(START)).isTrue();
        var back = START.minus(Duration.ofHours(1));
        assertThat(bucket.take(back)).as("it may have been empty").isFalse();
        assertThat(bucket.take(back.plusSeconds(1))).isTrue();
    }
}
