package dev.corral.operator.policy;

import dev.corral.operator.permission.Labels;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where pods may land, and the CPU request of those that wait in a pool. Only cluster policies say it; nothing a tenant writes reaches
 * these fields.
 */
public record PlacementGrant(
        SortedMap<String, String> nodeSelector,
        List<Toleration> tolerations,
        Optional<String> priorityClass,
        Optional<String> runtimeClass,
        OptionalLong waitingCpuMillis) {

    public static final PlacementGrant ANYWHERE = new PlacementGrant(
            Collections.emptySortedMap(), List.of(), Optional.empty(), Optional.empty(), OptionalLong.empty());

    /** A tolerated taint; without a value any value, without an effect any effect. */
    public record Toleration(String key, Optional<String> value, Optional<String> effect)
            implements Comparable<Toleration> {
        private static final Comparator<Toleration> ORDER = Comparator.comparing(Toleration::key)
                .thenComparing(toleration -> toleration.value.orElse(""))
                .thenComparing(toleration -> toleration.effect.orElse(""));

        public Toleration {
            if (!Labels.isKey(key) || !Labels.isValue(value.orElse(""))) {
                throw new IllegalArgumentException("toleration " + key);
            }
        }

        @Override
        public int compareTo(Toleration other) {
            return ORDER.compare(this, other);
        }
    }

    public PlacementGrant {
        String problem = Labels.problemOf(nodeSelector);
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        nodeSelector = Collections.unmodifiableSortedMap(new TreeMap<>(nodeSelector));
        tolerations = tolerations.stream().sorted().distinct().toList();
    }
}
