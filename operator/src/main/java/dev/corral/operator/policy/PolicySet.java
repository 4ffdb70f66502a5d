package dev.corral.operator.policy;

import dev.corral.operator.permission.Violation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All cluster policies, and the policies of the request's namespace. Grants of matching cluster policies unite; then everything
 * narrows: namespace policies, the plugin, its handler, the execution. Denies unite and always win, limits take the minimum.
 */
public record PolicySet(List<ClusterRule> clusterRules, List<NamespaceRule> namespaceRules) {
    public PolicySet {
        clusterRules = clusterRules.stream()
                .sorted(Comparator.comparing(ClusterRule::id))
                .toList();
        namespaceRules = namespaceRules.stream()
                .sorted(Comparator.comparing(NamespaceRule::id))
                .toList();
    }

    public Verdict decide(Request request, AlwaysExcepted excepted, Instant now) {
        return decide(request, excepted, now, false);
    }

    /** The same for {@code mode: Learn}, see {@link Learning}: never more than the policies grant. */
    public Verdict decideLearning(Request request, AlwaysExcepted excepted, Instant now) {
        return decide(request, excepted, now, true);
    }

    private Verdict decide(Request request, AlwaysExcepted excepted, Instant now, boolean learns) {
        List<ClusterRule> tier = tierFor(request, now);
        List<NamespaceRule> narrowing =
                namespaceRules.stream().filter(rule -> rule.matches(request)).toList();
        if (tier.isEmpty()) {
            return new Verdict.Denied(List.of(noPolicy(request)));
        }
        List<Denial> malformed = malformed(tier, narrowing);
        return malformed.isEmpty()
                ? (learns ? new Learning(tier).denial() : Optional.<Denial>empty())
                        .<Verdict>map(denial -> new Verdict.Denied(List.of(denial)))
                        .orElseGet(() -> new Deliberation(request, tier, narrowing, excepted, learns).verdict())
                : new Verdict.Denied(malformed);
    }

    /** The cluster rules that count: those that match, and only where there are none the fallback rules that match. */
    private List<ClusterRule> tierFor(Request request, Instant now) {
        List<ClusterRule> matching =
                clusterRules.stream().filter(rule -> rule.matches(request, now)).toList();
        boolean needsFallback = matching.stream().allMatch(ClusterRule::fallback);
        return matching.stream()
                .filter(rule -> rule.fallback() == needsFallback)
                .toList();
    }

    private static Denial noPolicy(Request request) {
        List<Ask> asks = Ask.chain(request, new ArrayList<>());
        return new Denial(
                "spec.plugin",
                DenialReason.NoPolicy,
                "no ClusterPluginPolicy is about " + request.pluginName() + " with image "
                        + request.image().repository() + " in namespace " + request.namespace(),
                Optional.empty(),
                "A new ClusterPluginPolicy would allow it with: spec: {namespaces: {matchLabels:"
                        + " {kubernetes.io/metadata.name: " + Remedy.quoted(request.namespace()) + "}}, grants: "
                        + Remedy.yaml(asks.stream()
                                .filter(ask -> Enforceability.of(ask.field()) instanceof Enforceability.By)
                                .toList())
                        + "}");
    }

    private static List<Denial> malformed(List<ClusterRule> tier, List<NamespaceRule> narrowing) {
        return Stream.concat(
                        tier.stream().flatMap(rule -> malformed(rule.id(), rule.problems())),
                        narrowing.stream().flatMap(rule -> malformed(rule.id(), rule.problems())))
                .toList();
    }

    private static Stream<Denial> malformed(PolicyId id, List<Violation> problems) {
        return problems.stream()
                .map(problem -> new Denial(
                        "spec.plugin",
                        DenialReason.PolicyMalformed,
                        id + " is about this execution but cannot be read: " + problem,
                        Optional.of(id),
                        "The author of " + id + " must correct " + problem.path() + "."));
    }
}
