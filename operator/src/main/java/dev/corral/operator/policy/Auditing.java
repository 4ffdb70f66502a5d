package dev.corral.operator.policy;

import dev.corral.operator.permission.LimitField;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What policies in {@code mode: Audit} would take from a granted execution if they counted, as sentences. */
record Auditing(List<ClusterRule> clusterRules, List<NamespaceRule> namespaceRules) {
    /** More would not fit into a condition. */
    private static final int MOST = 8;

    List<String> findings(
            Request request,
            List<ClusterRule> tier,
            List<NamespaceRule> narrowing,
            AlwaysExcepted excepted,
            EffectivePermissions effective) {
        if (clusterRules.isEmpty() && namespaceRules.isEmpty()) {
            return List.of();
        }
        List<ClusterRule> stricterTier = new ArrayList<>(tier);
        clusterRules.forEach(rule -> stricterTier.add(rule.asDeniesOnly()));
        List<NamespaceRule> stricter = new ArrayList<>(narrowing);
        stricter.addAll(namespaceRules);
        return switch (new Deliberation(request, stricterTier, stricter, excepted, effective.learns()).verdict()) {
            case Verdict.Denied(var denials) -> denied(denials);
            case Verdict.Granted granted -> lowered(granted.effective(), effective);
        };
    }

    private List<String> denied(List<Denial> denials) {
        return denials.stream()
                .map(denial -> "would be denied by "
                        + by(denial.policy().map(PolicyId::toString).orElse("")) + ": " + denial.message())
                .limit(MOST)
                .toList();
    }

    private List<String> lowered(EffectivePermissions stricter, EffectivePermissions effective) {
        Set<String> already = new HashSet<>(effective.files().denies());
        effective.lines().forEach(line -> already.add(line.permission() + " " + line.value()));
        // that they state a limit may take a built-in default away, and then they would raise it
        Set<String> notLowered = Arrays.stream(LimitField.values())
                .filter(limit -> limit(stricter, limit) >= limit(effective, limit))
                .map(LimitField::path)
                .collect(Collectors.toSet());
        return Stream.concat(
                        stricter.lines().stream()
                                .filter(line -> !notLowered.contains(line.permission()))
                                .map(line -> Map.entry(line.permission() + " " + line.value(), line.source())),
                        stricter.files().denies().stream().map(deny -> Map.entry(deny, "")))
                .filter(lowered -> !already.contains(lowered.getKey()))
                .map(lowered -> "would be lowered by " + by(lowered.getValue()) + ": " + lowered.getKey())
                .limit(MOST)
                .toList();
    }

    private static long limit(EffectivePermissions of, LimitField limit) {
        return of.limits().get(limit).orElse(Long.MAX_VALUE);
    }

    /** Without them nothing is taken away, so where what is taken names none of them, it is theirs together. */
    private String by(String source) {
        Set<String> ids = Stream.concat(
                        clusterRules.stream().map(ClusterRule::id),
                        namespaceRules.stream().map(NamespaceRule::id))
                .map(PolicyId::toString)
                .collect(Collectors.toCollection(TreeSet::new));
        return ids.contains(source) ? source : String.join(" and ", ids);
    }
}
