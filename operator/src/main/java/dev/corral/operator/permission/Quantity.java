package dev.corral.operator.permission;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kubernetes quantities: sizes in whole bytes, rounded down ({@code 64Mi}, {@code 1.3G}), and CPU in thousandths of a core ({@code 500m}, {@code 2}). */
public final class Quantity {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,32}(?:\\.[0-9]{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?");
    private static final Map<String, Long> SIZES = Map.of(
            "k",
            1000L,
            "M",
            1000_000L,
            "G",
            1000_000_000L,
            "T",
            1000_000_000_000L,
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40);
    private static final String[] BINARY_UNITS = {"Ti", "Gi", "Mi", "Ki"};
    private static final long LARGEST_BYTES = 1L << 50;
    private static final long LARGEST_MILLIS = 1_000_000_000;

    private Quantity() {}

    public static Parsed<Long> bytes(String text, String path) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || "m".equals(form.group(2))) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text) + " is no size; write 64Mi, 1Gi or a number of bytes");
        }
        long unit = form.group(2) == null ? 1 : SIZES.getOrDefault(form.group(2), 1L);
        // Kubernetes takes 1.3Gi, which is no whole number of bytes; a bound that is less than a byte smaller is kept
        BigDecimal whole =
                new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(unit)).setScale(0, RoundingMode.DOWN);
        return within(whole, LARGEST_BYTES, "1024Ti", text, path);
    }

    public static Parsed<Long> cpuMillis(String text, String path) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || form.group(2) != null && !form.group(2).equals("m")) {
            return Parsed.malformed(
                    path, ViolationReason.Malformed, Text.quoted(text) + " is no amount of CPU; write 500m, 0.5 or 2");
        }
        long unit = form.group(2) == null ? 1000 : 1;
        BigDecimal millis =
                new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(unit)).stripTrailingZeros();
        return millis.scale() > 0
                ? Parsed.malformed(
                        path,
                        ViolationReason.OutOfRange,
                        Text.quoted(text) + " is no whole number of thousandths of a core")
                : within(millis, LARGEST_MILLIS, "1000000", text, path);
    }

    private static Parsed<Long> within(BigDecimal value, long largest, String largestText, String text, String path) {
        if (value.signum() == 0) {
            return Parsed.malformed(
                    path,
                    ViolationReason.OutOfRange,
                    Text.quoted(text) + " comes to zero; write more, or leave the field out");
        }
        return value.compareTo(BigDecimal.valueOf(largest)) > 0
                ? Parsed.malformed(path, ViolationReason.OutOfRange, Text.quoted(text) + " is more than " + largestText)
                : Parsed.value(value.longValueExact());
    }

    /** The text that {@link #bytes} reads back, in the largest binary unit that divides it. */
    public static String bytesText(long bytes) {
        for (String unit : BINARY_UNITS) {
            long size = SIZES.getOrDefault(unit, 1L);
            if (bytes >= size && bytes % size == 0) {
                return bytes / size + unit;
            }
        }
        return Long.toString(bytes);
    }

    /** The text that {@link #cpuMillis} reads back: {@code 500m}, {@code 2}. */
    public static String cpuText(long millis) {
        return millis % 1000 == 0 ? Long.toString(millis / 1000) : millis + "m";
    }
}
