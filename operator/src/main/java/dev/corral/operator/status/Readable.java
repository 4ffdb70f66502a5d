package dev.corral.operator.status;

import java.time.Duration;
import java.util.Locale;

/** Durations and sizes as people write them. */
public final class Readable {
    private Readable() {}

    /** {@code 410ms}, {@code 1.84s}, {@code 2m5s}. */
    public static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1000) {
            return millis + "ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.2fs", millis / 1000.0);
        }
        long seconds = millis / 1000;
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds / 60 + "m" + seconds % 60 + "s";
    }

    /** {@code 0.41 s}, {@code 30 s}. */
    public static String seconds(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + " s" : String.format(Locale.ROOT, "%.2f s", millis / 1000.0);
    }

    /** {@code 4821}, {@code 23Mi}: whole binary units, rounded up. */
    public static String bytes(long bytes) {
        if (bytes < 10_240) {
            return Long.toString(bytes);
        }
        return bytes < 10L << 20 ? ceil(bytes, 10) + "Ki" : ceil(bytes, 20) + "Mi";
    }

    private static long ceil(long bytes, int shift) {
        return (bytes + (1L << shift) - 1) >> shift;
    }
}
