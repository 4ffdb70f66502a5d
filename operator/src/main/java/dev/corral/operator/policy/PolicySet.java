package dev.corral.operator.policy;

import dev.corral.operator.permission.Violation;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All cluster policies, and the policies of the request's namespace. Grants of matching cluster policies unite; then everything
 * narrows: namespace policies, the plugin, its handler, the execution. Denies unite and always win, limits take the minimum. Policies
 * in Audit take no part in it; what they would have refused or lowered is told with a grant.
 */
public record PolicySet(List<ClusterRule> clusterRules, List<NamespaceRule> namespaceRules) {
    public PolicySet {
        clusterRules = List.copyOf(clusterRules);
        namespaceRules = List.copyOf(namespaceRules);
    }

    public Verdict decide(Request request, AlwaysExcepted excepted, Instant now) {
        return decide(request, excepted, now, false);
    }

    /** The same for {@code mode: Learn}, see {@link Learning}: never more than the policies grant. */
    public Verdict decideLearning(Request request, AlwaysExcepted excepted, Instant now) {
        return decide(request, excepted, now, true);
    }

    private Verdict decide(Request request, AlwaysExcepted excepted, Instant now, boolean learns) {
        List<ClusterRule> matching = matching(request, now);
        List<NamespaceRule> matchingHere = matching(request);
        List<ClusterRule> tier = tier(matching);
        List<NamespaceRule> narrowing = narrowing(matchingHere);
        if (tier.isEmpty()) {
            return new Verdict.Denied(List.of(noPolicy(request, excepted)));
        }
        List<Denial> malformed = malformed(tier, narrowing);
        if (!malformed.isEmpty()) {
            return new Verdict.Denied(malformed);
        }
        Optional<Denial> unlearned = learns ? new Learning(tier).denial() : Optional.empty();
        if (unlearned.isPresent()) {
            return new Verdict.Denied(List.of(unlearned.get()));
        }
        return switch (new Deliberation(request, tier, narrowing, excepted, learns).verdict()) {
            case Verdict.Denied denied -> denied;
            case Verdict.Granted(var effective, var ignored) ->
                new Verdict.Granted(
                        effective,
                        new Auditing(
                                        matching.stream()
                                                .filter(rule -> !rule.counts())
                                                .toList(),
                                        matchingHere.stream()
                                                .filter(rule -> !rule.counts())
                                                .toList())
                                .findings(request, tier, narrowing, excepted, effective));
        };
    }

    /**
     * The ClusterPluginPolicy that would allow what the verdict leaves out, as YAML with comments, at most 8 KiB; empty where nothing
     * is left out.
     */
    public Optional<String> proposal(Request request, AlwaysExcepted excepted, Instant now) {
        Proposal proposal = new Proposal(request, tier(matching(request, now)), narrowing(matching(request)), excepted);
        return switch (decide(request, excepted, now)) {
            case Verdict.Granted granted -> proposal.missing();
            case Verdict.Denied(var denials) -> Optional.of(proposal.yaml(denials));
        };
    }

    /** The policies that count for the request, whether they grant, narrow or only bound. */
    public List<PolicyId> applying(Request request, Instant now) {
        return Stream.concat(
                        tier(matching(request, now)).stream().map(ClusterRule::id),
                        narrowing(matching(request)).stream().map(NamespaceRule::id))
                .toList();
    }

    /** The next moment at which a policy ends by itself, so that somebody looks again without an event. */
    public Optional<Instant> nextExpiry(Instant now) {
        return clusterRules.stream()
                .flatMap(rule -> rule.expires().stream())
                .filter(now::isBefore)
                .min(Comparator.naturalOrder());
    }

    /** In the order of their names, whatever order they came in; sorted only now, since of many policies few are about one request. */
    private List<ClusterRule> matching(Request request, Instant now) {
        return clusterRules.stream()
                .filter(rule -> rule.matches(request, now))
                .sorted(Comparator.comparing(ClusterRule::id))
                .toList();
    }

    private List<NamespaceRule> matching(Request request) {
        return namespaceRules.stream()
                .filter(rule -> rule.matches(request))
                .sorted(Comparator.comparing(NamespaceRule::id))
                .toList();
    }

    /** Of the rules that match and count: fallback rules only where there are no others. A capability's rule adds to either. */
    private static List<ClusterRule> tier(List<ClusterRule> matching) {
        List<ClusterRule> counting =
                matching.stream().filter(ClusterRule::counts).toList();
        boolean needsFallback =
                counting.stream().filter(rule -> rule.capability().isEmpty()).allMatch(ClusterRule::fallback);
        return counting.stream()
                .filter(rule -> rule.capability().isPresent() || rule.fallback() == needsFallback)
                .toList();
    }

    private static List<NamespaceRule> narrowing(List<NamespaceRule> matching) {
        return matching.stream().filter(NamespaceRule::counts).toList();
    }

    private static Denial noPolicy(Request request, AlwaysExcepted excepted) {
        return new Denial(
                "spec.plugin",
                DenialReason.NoPolicy,
                "no ClusterPluginPolicy is about " + request.pluginName() + " with image "
                        + request.image().repository() + " in namespace " + request.namespace(),
                Optional.empty(),
                Remedy.newPolicy(List.of(), request, "grants: " + Remedy.yaml(Proposal.grantable(request, excepted))));
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
