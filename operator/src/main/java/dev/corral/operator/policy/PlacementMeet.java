package dev.corral.operator.policy;

import dev.corral.operator.policy.PlacementGrant.Toleration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** Placements of several policies as one: they unite, and where two cannot both hold the run is refused. */
final class PlacementMeet {
    private PlacementMeet() {}

    static PlacementGrant meet(List<ClusterRule> tier, List<Denial> denials) {
        SortedMap<String, String> nodeSelector = new TreeMap<>();
        tier.stream()
                .flatMap(rule -> rule.placement().nodeSelector().keySet().stream())
                .distinct()
                .sorted()
                .forEach(key -> one(
                                "nodeSelector " + key,
                                rule -> Optional.ofNullable(
                                        rule.placement().nodeSelector().get(key)),
                                tier,
                                denials)
                        .ifPresent(value -> nodeSelector.put(key, value)));
        List<Toleration> tolerations = new ArrayList<>();
        tier.forEach(rule -> tolerations.addAll(rule.placement().tolerations()));
        return new PlacementGrant(
                nodeSelector,
                tolerations,
                one("priorityClassName", rule -> rule.placement().priorityClass(), tier, denials),
                one("runtimeClassName", rule -> rule.placement().runtimeClass(), tier, denials),
                tier.stream()
                        .flatMapToLong(rule -> rule.placement().waitingCpuMillis().stream())
                        .min());
    }

    private static Optional<String> one(
            String field, Function<ClusterRule, Optional<String>> value, List<ClusterRule> tier, List<Denial> denials) {
        Map<String, PolicyId> values = new LinkedHashMap<>();
        tier.forEach(rule -> value.apply(rule).ifPresent(v -> values.putIfAbsent(v, rule.id())));
        if (values.size() > 1) {
            denials.add(new Denial(
                    "spec.plugin",
                    DenialReason.PlacementConflict,
                    "the policies about this execution demand different placement." + field + ": " + values,
                    values.values().stream().findFirst(),
                    "An administrator must let them agree, or select different executions."));
        }
        return values.keySet().stream().findFirst();
    }
}
