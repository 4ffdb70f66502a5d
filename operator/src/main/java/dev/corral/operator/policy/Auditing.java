package dev.corral.operator.policy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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
                .filter(denial -> denial.policy().filter(ids()::contains).isPresent())
                .map(denial -> "would be denied by " + denial.policy().orElseThrow() + ": " + denial.message())
                .limit(MOST)
                .toList();
    }

    private List<String> lowered(EffectivePermissions stricter, EffectivePermissions effective) {
        Set<String> sources = new HashSet<>();
        ids().forEach(id -> sources.add(id.toString()));
        return stricter.lines().stream()
                .filter(line ->
                        sources.contains(line.source()) && !effective.lines().contains(line))
                .map(line -> "would be lowered by " + line.source() + ": " + line.permission() + " " + line.value())
                .limit(MOST)
                .toList();
    }

    private Set<PolicyId> ids() {
        Set<PolicyId> ids = new HashSet<>();
        clusterRules.forEach(rule -> ids.add(rule.id()));
        namespaceRules.forEach(rule -> ids.add(rule.id()));
        return ids;
    }
}
