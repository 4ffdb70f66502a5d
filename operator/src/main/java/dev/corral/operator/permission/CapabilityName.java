package dev.corral.operator.permission;

import java.util.regex.Pattern;

/** A plugin capability by its name, such as {@code browser}; what it stands for is what the policies that define it grant. */
public record CapabilityName(String name) implements Grantable, Comparable<CapabilityName> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,31}");

    public CapabilityName {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("capability " + Text.quoted(name));
        }
    }

    public static Parsed<CapabilityName> parse(String text, String path) {
        return NAME.matcher(text).matches()
                ? Parsed.value(new CapabilityName(text))
                : Parsed.malformed(
                        path,
                        ViolationReason.Malformed,
                        Text.quoted(text)
                                + " is no capability; write the name a ClusterPluginPolicy defines, like browser");
    }

    @Override
    public boolean covers(Grantable ask) {
        return equals(ask);
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return equals(ask);
    }

    @Override
    public int compareTo(CapabilityName other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }
}
