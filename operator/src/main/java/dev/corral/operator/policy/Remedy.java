package dev.corral.operator.policy;

import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.Yaml;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Permissions as YAML in one line, ready to paste after {@code grants:}, {@code limitTo:}, {@code denies:} or {@code permissions:}. */
final class Remedy {
    private Remedy() {}

    static String yaml(PermissionField field, Grantable item) {
        return yaml(Map.of(field, new TreeSet<>(Set.of(Yaml.item(item)))));
    }

    static String yaml(Collection<Ask> asks) {
        Map<PermissionField, SortedSet<String>> items = new TreeMap<>();
        asks.forEach(ask ->
                items.computeIfAbsent(ask.field(), field -> new TreeSet<>()).add(Yaml.item(ask.item())));
        return yaml(items);
    }

    static String yaml(Permissions permissions) {
        Map<PermissionField, SortedSet<String>> items = new TreeMap<>();
        for (PermissionField field : PermissionField.values()) {
            permissions
                    .items(field)
                    .forEach(item ->
                            items.computeIfAbsent(field, f -> new TreeSet<>()).add(Yaml.item(item)));
        }
        return yaml(items);
    }

    /** The policy to extend: not the fallback, which is for everybody, and not one that only says what a capability means. */
    static Optional<PolicyId> extended(List<ClusterRule> tier) {
        return tier.stream()
                .filter(rule -> !rule.fallback() && rule.capability().isEmpty())
                .findFirst()
                .map(ClusterRule::id);
    }

    /** The sentence for {@link #extended}, or for a policy of its own where there is none. {@code said}: fields of its spec. */
    static String extending(List<ClusterRule> tier, Request request, String said) {
        return extended(tier).map(policy -> extending(policy, said)).orElseGet(() -> newPolicy(tier, request, said));
    }

    static String extending(PolicyId policy, String said) {
        return policy.kind() + " " + policy.name() + " would allow it with: " + said;
    }

    /**
     * For this image in this namespace. Where the fallback counts, it no longer does beside another policy: then only the proposal in
     * {@code status.plan.policy}, with all that is asked, is one to be pasted.
     */
    static String newPolicy(List<ClusterRule> tier, Request request, String said) {
        return tier.stream().anyMatch(ClusterRule::fallback)
                ? "A new ClusterPluginPolicy, in place of the fallback for this image, would allow it with: " + said
                        + "; an execution's status.plan.policy has the whole of it"
                : "A new ClusterPluginPolicy would allow it with: spec: {" + namespaces(request) + ", "
                        + images(request) + ", " + said + "}";
    }

    static String namespaces(Request request) {
        return "namespaces: {matchLabels: {kubernetes.io/metadata.name: " + Yaml.quoted(request.namespace()) + "}}";
    }

    static String images(Request request) {
        ImageReference image = request.image();
        return "images: ["
                + Yaml.quoted(image.repository()
                        + image.digest().map(digest -> "@" + digest).orElse("")) + "]";
    }

    private static String yaml(Map<PermissionField, SortedSet<String>> items) {
        Map<String, String> sections = new LinkedHashMap<>();
        new TreeMap<>(items).forEach((field, texts) -> {
            String list = texts.stream().collect(Collectors.joining(", ", "[", "]"));
            int dot = field.path().indexOf('.');
            String section = dot < 0 ? field.path() : field.path().substring(0, dot);
            String entry = dot < 0 ? list : field.path().substring(dot + 1) + ": " + list;
            sections.merge(section, entry, (first, second) -> first + ", " + second);
        });
        return sections.entrySet().stream()
                .map(section -> section.getKey() + ": "
                        + (section.getValue().startsWith("[") ? section.getValue() : "{" + section.getValue() + "}"))
                .collect(Collectors.joining(", ", "{", "}"));
    }
}
