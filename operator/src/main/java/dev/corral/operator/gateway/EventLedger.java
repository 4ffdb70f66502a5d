package dev.corral.operator.gateway;

import dev.corral.operator.permission.TopicPattern;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What became of each event of one session: by sequence number, so that a repeated batch gets the answer it got before. Lives in memory;
 * after a restart it takes the earlier events for published, which can only publish fewer than allowed. Not thread-safe.
 */
final class EventLedger {
    /** Of one event. */
    enum Outcome {
        PUBLISHED,
        DROPPED,
        DENIED,
        DUPLICATE
    }

    private static final int BURST = 20;
    private static final Duration ONE_TOKEN = Duration.ofMillis(100);
    private static final int MAX_SEQ = 100_000;

    private static final Outcome[] OUTCOMES = Outcome.values();

    private final int budget;
    /** A launcher numbers none beyond the budget: nothing of those is remembered, and all are dropped. */
    private final int last;

    private final TokenBucket bucket = new TokenBucket(BURST, ONE_TOKEN);
    /** Of what was published, in order. */
    private long[] fingerprints = {};

    private byte[] known = {};
    private int first;
    private int published;
    private int dropped;
    private int denied;

    EventLedger(int budget) {
        this.budget = budget;
        this.last = Math.min(budget, MAX_SEQ);
    }

    /** What was said about this sequence number before. */
    @Nullable
    Outcome known(int seq) {
        return seq < known.length && known[seq] > 0 ? OUTCOMES[known[seq] - 1] : null;
    }

    /** Where this event would end now: published, unless something is against it. */
    Outcome judge(PluginEvent event, List<TopicPattern> produce, Instant now) {
        if (first == 0) {
            begin(event.seq());
        }
        if (produce.stream().noneMatch(granted -> granted.matches(event.topic()))) {
            return Outcome.DENIED;
        }
        if (Arrays.binarySearch(fingerprints, event.fingerprint()) >= 0) {
            return Outcome.DUPLICATE;
        }
        return event.seq() <= last && published < budget && bucket.take(now) ? Outcome.PUBLISHED : Outcome.DROPPED;
    }

    void record(PluginEvent event, Outcome outcome) {
        switch (outcome) {
            case PUBLISHED -> {
                published++;
                fingerprints = LongStream.concat(Arrays.stream(fingerprints), LongStream.of(event.fingerprint()))
                        .sorted()
                        .toArray();
            }
            case DROPPED -> dropped++;
            case DENIED -> denied++;
            case DUPLICATE -> {}
        }
        if (event.seq() <= last) {
            if (event.seq() >= known.length) {
                known = Arrays.copyOf(known, Math.min(last + 1, Math.max(event.seq() + 1, known.length * 2)));
            }
            known[event.seq()] = (byte) (outcome.ordinal() + 1);
        }
    }

    /** Whether the counts are those of a whole run that emitted this many: a ledger made in the middle of it misses some. */
    boolean complete(int emitted) {
        return first == 1 || emitted == 0;
    }

    int published() {
        return published;
    }

    int dropped() {
        return dropped;
    }

    int denied() {
        return denied;
    }

    private void begin(int seq) {
        first = seq;
        published = Math.min(seq - 1, budget);
    }
}
