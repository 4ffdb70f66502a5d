package dev.corral.operator.policy;

import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.CidrBlock;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Yaml;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What stands against one ask, whoever asks next: enforceability, reserved ranges, denies, grants and the lists of the namespace. */
final class Judge {
    /** What one policy takes away, be it a cluster or a namespace policy. */
    record Denies(PolicyId policy, Permissions denies) {}

    private final Request request;
    private final List<ClusterRule> tier;
    private final List<NamespaceRule> narrowing;
    private final AlwaysExcepted excepted;
    private final List<Denies> denies;

    Judge(Request request, List<ClusterRule> tier, List<NamespaceRule> narrowing, AlwaysExcepted excepted) {
        this.request = request;
        this.tier = tier;
        this.narrowing = narrowing;
        this.excepted = excepted;
        this.denies = Stream.concat(
                        tier.stream().map(rule -> new Denies(rule.id(), rule.denies())),
                        narrowing.stream().map(rule -> new Denies(rule.id(), rule.denies())))
                .toList();
    }

    /** Of all policies that count, whatever they are about. */
    List<Denies> denies() {
        return denies;
    }

    /** One denial per ask at most: the one that would still stand if the others were answered. */
    Optional<Denial> refusal(Ask ask) {
        if (Enforceability.of(ask.field()) instanceof Enforceability.NotYet(String because)) {
            return Optional.of(notEnforceable(ask.path(), ask.toString(), because));
        }
        if (ask.field() == PermissionField.NETWORK_HOSTS && excepted.hosts()) {
            return Optional.of(notEnforceable(
                    ask.path(),
                    ask.toString(),
                    "the chart's gateway.egress.enabled is false, so nothing connects to host names"));
        }
        if (ask.field().restricts()) {
            return Optional.empty(); // takes away, so nobody has to grant it
        }
        return reserved(ask).or(() -> denied(ask)).or(() -> notGranted(ask)).or(() -> notListed(ask));
    }

    List<ClusterRule> granting(Ask ask) {
        return tier.stream()
                .filter(rule -> rule.grants(ask.field(), ask.item()))
                .toList();
    }

    private static Denial notEnforceable(String path, String what, String because) {
        return new Denial(
                path,
                DenialReason.NotEnforceable,
                what + ", which this version cannot enforce: " + because,
                Optional.empty(),
                "Leave it out: what nobody enforces is never granted, whatever policies say.");
    }

    private static boolean covers(Permissions grants, PermissionField field, Grantable item) {
        return grants.items(field).stream().anyMatch(grant -> grant.covers(item));
    }

    private Optional<Denial> reserved(Ask ask) {
        if (!(ask.item() instanceof CidrGrant(CidrBlock block, var ignored))) {
            return Optional.empty();
        }
        return excepted.blocks().stream()
                .filter(range -> range.contains(block))
                .findFirst()
                .map(range -> new Denial(
                        ask.path(),
                        DenialReason.ReservedRange,
                        ask + ", which lies in " + range + "; that belongs to the platform and is never opened",
                        Optional.empty(),
                        "Pods of the namespace are reached with network.peers, other pods with network.services."));
    }

    private Optional<Denial> denied(Ask ask) {
        for (Denies layer : denies) {
            for (Grantable deny : layer.denies.items(ask.field())) {
                if (refuses(deny, ask.item())) {
                    String how = deny.covers(ask.item()) ? "which is denied by " : "part of which is denied by ";
                    return Optional.of(new Denial(
                            ask.path(),
                            DenialReason.DeniedByPolicy,
                            ask + ", " + how + layer.policy + " (" + Yaml.quoted(deny.toString()) + ")",
                            Optional.of(layer.policy),
                            "Ask for less, or have " + layer.policy + " withdraw: denies: "
                                    + Remedy.yaml(ask.field(), deny)));
                }
            }
        }
        return Optional.empty();
    }

    /** Denied blocks, paths and hosts inside the asked ones can be cut out; everything else cannot, and refuses the whole ask. */
    private static boolean refuses(Grantable deny, Grantable ask) {
        if (deny instanceof PathGlob
                || deny instanceof HostPattern) { // the gateway asks the denies first, name by name
            return deny.covers(ask);
        }
        return deny.overlaps(ask) && !(deny instanceof CidrGrant denied && isInside(denied, ask));
    }

    private static boolean isInside(CidrGrant denied, Grantable ask) {
        return ask instanceof CidrGrant asked
                && asked.block().contains(denied.block())
                && !asked.block().equals(denied.block());
    }

    private Optional<Denial> notGranted(Ask ask) {
        if (!granting(ask).isEmpty()) {
            return Optional.empty();
        }
        if (ask.item() instanceof CapabilityName(var name)) {
            return Optional.of(unknown(ask, name));
        }
        DenialReason reason = switch (ask.field().section()) {
            case NETWORK -> DenialReason.NetworkNotGranted;
            case ENV -> DenialReason.EnvNotGranted;
            case SECRETS -> DenialReason.SecretNotGranted;
            case EVENTS -> DenialReason.EventNotGranted;
            case ARTIFACTS -> DenialReason.ArtifactNotGranted;
            case CAPABILITIES -> DenialReason.CapabilityUnknown;
            case FILES, COMMANDS, INVOKE, STATE, LIMITS -> DenialReason.PermissionNotGranted;
        };
        return Optional.of(new Denial(
                ask.path(),
                reason,
                ask + ", which is granted by no policy in " + request.namespace(),
                Remedy.extended(tier),
                Remedy.extending(tier, request, "grants: " + Remedy.yaml(List.of(ask)))));
    }

    private Denial unknown(Ask ask, String name) {
        return new Denial(
                ask.path(),
                DenialReason.CapabilityUnknown,
                ask + ", which no policy about " + request.pluginName() + " in " + request.namespace() + " defines",
                Optional.empty(),
                "A new ClusterPluginPolicy would define and grant it with: spec: {capability: " + Yaml.quoted(name)
                        + ", " + Remedy.namespaces(request) + ", grants: {}}, and under grants what it means");
    }

    private Optional<Denial> notListed(Ask ask) {
        return narrowing.stream()
                .filter(rule ->
                        rule.limitTo().isPresent() && !covers(rule.limitTo().get(), ask.field(), ask.item()))
                .findFirst()
                .map(rule -> new Denial(
                        ask.path(),
                        DenialReason.NarrowedByNamespace,
                        ask + ", which " + rule.id() + " does not list",
                        Optional.of(rule.id()),
                        Remedy.extending(rule.id(), "limitTo: " + Remedy.yaml(List.of(ask)))));
    }
}
