package dev.corral.operator.policy;

import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Yaml;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The ClusterPluginPolicy that would allow all of a request at once, as YAML to paste: what is asked, for this namespace and this image
 * and no other. What no new policy can allow stands behind it as comments.
 */
record Proposal(Request request, List<ClusterRule> tier, List<NamespaceRule> narrowing, AlwaysExcepted excepted) {
    /** Bytes; a status has room for no more. */
    static final int MOST = 8192;

    private static final int LONGEST_NAME = 253;

    /** Empty where nothing is missing: all is granted, and no limit is below what is asked. */
    Optional<String> missing() {
        List<String> lowered = new ArrayList<>();
        new LimitMeet(request, lasting(), narrowing).raise(lowered, lowered);
        return lowered.isEmpty() ? Optional.empty() : Optional.of(yaml(List.of()));
    }

    String yaml(List<Denial> denials) {
        List<Ask> asks = grantable(request, excepted);
        List<String> limits = new ArrayList<>();
        List<String> comments = new ArrayList<>();
        new LimitMeet(request, lasting(), narrowing).raise(limits, comments);
        denials.stream()
                .filter(denial -> !denial.reason().answeredByGrant())
                .forEach(denial -> comments.add(denial.path() + ": " + denial.message() + ". " + denial.remedy()));
        StringBuilder text = new StringBuilder(document(name(""), spec(denials, Remedy.yaml(asks), limits)));
        undefined()
                .forEach(name -> text.append("---\n")
                        .append(document(
                                name("-" + lower(name)),
                                List.of(
                                        "capability: " + Yaml.quoted(name),
                                        Remedy.namespaces(request),
                                        "grants: {} # what " + name + " means is for you to say"))));
        comments.forEach(comment -> text.append("# ").append(comment).append('\n'));
        return cut(text.toString(), comments);
    }

    /** What is asked that a policy can grant. */
    static List<Ask> grantable(Request request, AlwaysExcepted excepted) {
        return Ask.chain(request, new ArrayList<>()).stream()
                .filter(ask -> !ask.field().restricts() && ask.field() != PermissionField.CAPABILITIES)
                .filter(ask -> Enforceability.of(ask.field()) instanceof Enforceability.By)
                .filter(ask -> !excepted.covers(ask.item()))
                .toList();
    }

    /** Rules that would still count beside a new one: it takes the place of the fallback. */
    private List<ClusterRule> lasting() {
        return tier.stream().filter(rule -> !rule.fallback()).toList();
    }

    private List<String> spec(List<Denial> denials, String grants, List<String> limits) {
        List<String> spec = new ArrayList<>();
        spec.add(Remedy.namespaces(request));
        spec.add(Remedy.images(request));
        if (denials.stream().anyMatch(denial -> denial.reason() == DenialReason.ImageNotPinned)
                || request.image().digest().isEmpty()) {
            spec.add("imageReferences: Tag");
        }
        String all = limits.isEmpty()
                ? grants
                : grants.substring(0, grants.length() - 1) + (grants.length() > 2 ? ", " : "") + "limits: {"
                        + String.join(", ", limits) + "}}";
        spec.add("grants: " + all);
        // what the fallback gave besides would be lost with it
        inherited(spec, "imagePullSecrets", ClusterRule::pullSecrets);
        inherited(spec, "tolerateUnenforced", ClusterRule::tolerateUnenforced);
        return spec;
    }

    private void inherited(List<String> spec, String field, Function<ClusterRule, SortedSet<String>> names) {
        SortedSet<String> all = new TreeSet<>();
        tier.stream().filter(ClusterRule::fallback).forEach(rule -> all.addAll(names.apply(rule)));
        if (!all.isEmpty()) {
            spec.add(field + ": " + Yaml.list(all));
        }
    }

    /** The capabilities that are required and defined by no policy. */
    private Stream<String> undefined() {
        return Ask.chain(request, new ArrayList<>()).stream()
                .filter(ask -> ask.field() == PermissionField.CAPABILITIES)
                .filter(ask -> tier.stream().noneMatch(rule -> rule.grants(ask.field(), ask.item())))
                .map(ask -> ask.item().toString())
                .distinct();
    }

    /** A capability's name may have what an object's may not: capitals, an underscore, a part that begins or ends with a dash. */
    private static String lower(String capability) {
        return capability.toLowerCase(Locale.ROOT).replace('_', '-').replaceAll("-*\\.[-.]*", ".");
    }

    private String name(String suffix) {
        String name =
                "allow-" + request.namespace() + "-" + request.pluginName().name();
        return ended(name.substring(0, Math.min(name.length(), LONGEST_NAME - suffix.length()))) + ended(suffix);
    }

    private static String ended(String name) {
        return name.replaceAll("[-.]+$", "");
    }

    private static String document(String name, List<String> spec) {
        return "apiVersion: corral.dev/v1alpha1\nkind: " + PolicyId.CLUSTER_KIND + "\nmetadata: {name: "
                + Yaml.quoted(name) + "}\nspec:\n  " + String.join("\n  ", spec) + "\n";
    }

    /** Comments give way; a policy that is cut could not be pasted, and is left out. */
    private static String cut(String text, List<String> comments) {
        String shown = text;
        for (int i = comments.size() - 1; i >= 0 && bytes(shown) > MOST; i--) {
            shown = shown.substring(0, shown.lastIndexOf("# " + comments.get(i)));
        }
        return bytes(shown) > MOST ? "# the policy would be longer than " + MOST + " bytes\n" : shown;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
