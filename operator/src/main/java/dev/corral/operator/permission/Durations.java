package dev.corral.operator.permission;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as people write them, {@code 1h30m}, {@code 90s}, {@code 500ms}, {@code 7d}, in milliseconds. */
public final class Durations {
    private static final Pattern FORM = Pattern.compile(
            "(?:([0-9]{1,18})d)?(?:([0-9]{1,18})h)?(?:([0-9]{1,18})m)?(?:([0-9]{1,18})s)?(?:([0-9]{1,18})ms)?");
    private static final String[] UNITS = {"d", "h", "m", "s", "ms"};
    private static final long[] MILLIS = {86_400_000, 3_600_000, 60_000, 1000, 1};
    private static final int LONGEST_DAYS = 3650;

    private Durations() {}

    public static Parsed<Long> parse(String text, String path) {
        Matcher form = FORM.matcher(text);
        if (text.isEmpty() || !form.matches()) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text)
                            + " is no duration; write whole numbers with units, like 1h30m, 90s, 500ms or 7d");
        }
        long longest = LONGEST_DAYS * MILLIS[0];
        long total = 0;
        for (int unit = 0; unit < UNITS.length; unit++) {
            String number = form.group(unit + 1);
            long count = number == null ? 0 : Long.parseLong(number);
            if (count > (longest - total) / MILLIS[unit]) {
                return outOfRange(path, text, "is longer than " + LONGEST_DAYS + "d");
            }
            total += count * MILLIS[unit];
        }
        return total == 0
                ? outOfRange(path, text, "is zero; write at least 1ms, or leave the field out")
                : Parsed.value(total);
    }

    /** Empty for absent or unreadable text. */
    public static Optional<Duration> read(@Nullable String text) {
        return text == null ? Optional.empty() : parse(text, "").asOptional().map(Duration::ofMillis);
    }

    private static Parsed<Long> outOfRange(String path, String text, String problem) {
        return Parsed.malformed(path, ViolationReason.OutOfRange, Text.quoted(text) + " " + problem);
    }

    /** The text that {@link #parse} reads back, in the largest units: 90000 is {@code 1m30s}. */
    public static String text(long millis) {
        StringBuilder text = new StringBuilder();
        long rest = millis;
        for (int unit = 0; unit < UNITS.length; unit++) {
            if (rest >= MILLIS[unit]) {
                text.append(rest / MILLIS[unit]).append(UNITS[unit]);
                rest %= MILLIS[unit];
            }
        }
        return text.isEmpty() ? "0s" : text.toString();
    }
}
