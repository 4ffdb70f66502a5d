package dev.corral.operator.policy;

import java.util.Comparator;

/** One effective permission for people: what, and who gave it. {@code source} is a policy, the asking object or a built-in default. */
public record EffectiveLine(String permission, String value, String source) implements Comparable<EffectiveLine> {
    private static final Comparator<EffectiveLine> ORDER = Comparator.comparing(EffectiveLine::permission)
            .thenComparing(EffectiveLine::value)
            .thenComparing(EffectiveLine::source);

    @Override
    public int compareTo(EffectiveLine other) {
        return ORDER.compare(this, other);
    }

    /** {@code network.cidr 203.0.113.10/32:80 ← ClusterPluginPolicy/docs-teams}. */
    @Override
    public String toString() {
        return permission + " " + value + " ← " + source;
    }
}
