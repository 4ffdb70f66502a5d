package dev.corral.operator.policy;

import java.util.Comparator;

/** One policy object in the generation that was read. */
public record PolicyId(String kind, String name, String uid, long generation) implements Comparable<PolicyId> {
    public static final String CLUSTER_KIND = "ClusterPluginPolicy";
    public static final String NAMESPACE_KIND = "PluginPolicy";
    private static final Comparator<PolicyId> ORDER = Comparator.comparing(PolicyId::kind)
            .thenComparing(PolicyId::name)
            .thenComparing(PolicyId::uid)
            .thenComparingLong(PolicyId::generation);

    @Override
    public int compareTo(PolicyId other) {
        return ORDER.compare(this, other);
    }

    /** {@code ClusterPluginPolicy/docs-teams}. */
    @Override
    public String toString() {
        return kind + "/" + name;
    }
}
