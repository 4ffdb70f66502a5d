package dev.corral.operator.policy;

import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.policy.Request.Layer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Copies of requests and rules with one thing changed. */
final class Changes {
    private Changes() {}

    static <T> List<T> shuffled(List<T> list, Random random) {
        List<T> copy = new ArrayList<>(list);
        Collections.shuffle(copy, random);
        return copy;
    }

    static Map<PermissionField, List<Grantable>> lists(Permissions permissions) {
        Map<PermissionField, List<Grantable>> items = new EnumMap<>(PermissionField.class);
        for (PermissionField field : PermissionField.values()) {
            items.put(field, new ArrayList<>(permissions.items(field)));
        }
        return items;
    }

    static Permissions shuffled(Permissions permissions, Random random) {
        Map<PermissionField, List<Grantable>> items = lists(permissions);
        items.values().forEach(list -> Collections.shuffle(list, random));
        return Permissions.of(items, permissions.limits());
    }

    static Permissions without(Permissions permissions, Random random) {
        Map<PermissionField, List<Grantable>> items = lists(permissions);
        items.values().forEach(list -> list.removeIf(item -> random.nextInt(3) == 0));
        return Permissions.of(items, permissions.limits());
    }

    static Permissions joined(Permissions one, Permissions other) {
        Map<PermissionField, List<Grantable>> items = lists(one);
        lists(other).forEach((field, list) -> items.get(field).addAll(list));
        return Permissions.of(items, one.limits());
    }

    static ClusterRule withGrants(ClusterRule r, Permissions grants) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                r.expires(),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                r.learns(),
                grants,
                r.denies(),
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                r.mode(),
                r.capability(),
                r.problems());
    }

    static ClusterRule withDenies(ClusterRule r, Permissions denies) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                r.expires(),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                r.learns(),
                r.grants(),
                denies,
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                r.mode(),
                r.capability(),
                r.problems());
    }

    static ClusterRule expired(ClusterRule r) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                Optional.of(Scene.NOW),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                r.learns(),
                r.grants(),
                r.denies(),
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                r.mode(),
                r.capability(),
                r.problems());
    }

    static ClusterRule auditing(ClusterRule r) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                r.expires(),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                r.learns(),
                r.grants(),
                r.denies(),
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                Mode.AUDIT,
                r.capability(),
                r.problems());
    }

    static NamespaceRule auditing(NamespaceRule r) {
        return new NamespaceRule(r.id(), r.plugins(), r.limitTo(), r.denies(), Mode.AUDIT, r.problems());
    }

    static ClusterRule defining(ClusterRule r, String capability) {
        return new ClusterRule(
                r.id(),
                r.fallback(),
                r.expires(),
                r.namespaceLabels(),
                r.plugins(),
                r.images(),
                r.allowTags(),
                r.learns(),
                r.grants(),
                r.denies(),
                r.services(),
                r.placement(),
                r.pullSecrets(),
                r.tolerateUnenforced(),
                r.mode(),
                Optional.of(capability),
                r.problems());
    }

    static Request withPlugin(Request r, Permissions permissions) {
        return new Request(
                r.namespace(),
                r.namespaceLabels(),
                r.pluginName(),
                r.image(),
                Layer.complete(r.plugin().author(), r.plugin().path(), permissions),
                r.handler(),
                r.execution(),
                r.secrets(),
                r.envNames(),
                r.timeoutMillis(),
                r.artifacts(),
                r.claims());
    }

    static Request withExecution(Request r, Optional<Layer> execution) {
        return new Request(
                r.namespace(),
                r.namespaceLabels(),
                r.pluginName(),
                r.image(),
                r.plugin(),
                r.handler(),
                execution,
                r.secrets(),
                r.envNames(),
                r.timeoutMillis(),
                r.artifacts(),
                r.claims());
    }

    static Permissions without(Permissions permissions, Grantable item) {
        Map<PermissionField, List<Grantable>> items = lists(permissions);
        items.values().forEach(list -> list.removeIf(grant -> grant.covers(item)));
        return Permissions.of(items, permissions.limits());
    }
}
