package dev.corral.operator.permission;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An event topic with its version, {@code check.done@v1}, or all that begin alike, {@code check.*@v1}. */
public record TopicPattern(String prefix, boolean wildcard, String version)
        implements Grantable, Comparable<TopicPattern> {
    private static final Pattern FORM =
            Pattern.compile("([a-z][a-z0-9-]*(?:\\.[a-z0-9][a-z0-9-]*)*)?(\\.?\\*)?@(v[1-9][0-9]{0,3})");
    private static final int LONGEST = 128;

    public TopicPattern {
        if (!(FORM.matcher(text(prefix, wildcard, version)).matches()
                && (wildcard ? prefix.isEmpty() || prefix.endsWith(".") : !prefix.isEmpty()))) {
            throw new IllegalArgumentException("topic " + text(prefix, wildcard, version));
        }
    }

    public static Parsed<TopicPattern> parse(String text, String path) {
        Matcher form = FORM.matcher(text);
        boolean matches = text.length() <= LONGEST && form.matches();
        String name = matches && form.group(1) != null ? form.group(1) : "";
        String star = matches && form.group(2) != null ? form.group(2) : "";
        // a star stands for whole parts: check.*@v1 or *@v1, but not che*@v1
        boolean wholeParts = star.isEmpty() ? !name.isEmpty() : star.equals(".*") != name.isEmpty();
        if (!matches || !wholeParts) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text) + " is no topic; write check.done@v1, or check.*@v1 for all that begin so");
        }
        return Parsed.value(
                new TopicPattern(star.isEmpty() || name.isEmpty() ? name : name + ".", !star.isEmpty(), form.group(3)));
    }

    private static String text(String prefix, boolean wildcard, String version) {
        return prefix + (wildcard ? "*" : "") + "@" + version;
    }

    /** Whether an event of this topic, written in full, is meant. */
    public boolean matches(String topic) {
        return parse(topic, "") instanceof Parsed.Value<TopicPattern>(TopicPattern exact)
                && !exact.wildcard
                && covers(exact);
    }

    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof TopicPattern other
                && version.equals(other.version)
                && (wildcard ? other.prefix.startsWith(prefix) : !other.wildcard && prefix.equals(other.prefix));
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof TopicPattern other && (covers(other) || other.covers(this));
    }

    @Override
    public int compareTo(TopicPattern other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return text(prefix, wildcard, version);
    }
}
