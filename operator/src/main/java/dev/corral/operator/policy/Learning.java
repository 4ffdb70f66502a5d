package dev.corral.operator.policy;

import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.policy.Request.Layer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What {@code mode: Learn} changes. It is decided as if the plugin asked for everything that policies with {@code learn: Allowed} grant
 * of {@link #WIDENED}, said nothing of {@link #UNSAID}, and asked for no limits. The asks added pass the same judgement as any other, so
 * nothing is open that no policy grants; denies, namespace policies and what the execution narrows hold unchanged.
 */
record Learning(List<ClusterRule> tier) {
    /** What a run can be seen to use, and a policy can grant without naming a plugin's own things. */
    static final Set<PermissionField> WIDENED = Collections.unmodifiableSet(
            EnumSet.of(PermissionField.NETWORK_HOSTS, PermissionField.NETWORK_CIDRS, PermissionField.EVENTS_PRODUCE));
    /** Lists that only take away from what every plugin has without them. */
    static final Set<PermissionField> UNSAID = Collections.unmodifiableSet(
            EnumSet.of(PermissionField.FILES_READ, PermissionField.FILES_WRITE, PermissionField.COMMANDS));

    private List<ClusterRule> allowing() {
        return tier.stream().filter(ClusterRule::learns).toList();
    }

    /** Why this execution may not learn. */
    Optional<Denial> denial() {
        if (!allowing().isEmpty()) {
            return Optional.empty();
        }
        PolicyId first = tier.getFirst().id();
        return Optional.of(new Denial(
                "spec.mode",
                DenialReason.LearnNotAllowed,
                "PluginExecution asks for mode \"Learn\", which no policy about it allows",
                Optional.of(first),
                "Leave the mode out, or " + first.kind() + " " + first.name()
                        + " would allow it with: learn: Allowed"));
    }

    Request widen(Request asked, List<NamespaceRule> narrowing, Predicate<Ask> grantable) {
        Layer plugin = asked.plugin();
        Set<PermissionField> unsaid = unsaid(asked);
        Map<PermissionField, List<Grantable>> items = items(plugin.permissions());
        items.keySet().removeAll(unsaid);
        for (PermissionField field : WIDENED) {
            candidates(field, narrowing)
                    .filter(item -> grantable.test(new Ask(field, item, plugin.author(), plugin.path())))
                    .forEach(item -> {
                        List<Grantable> listed = items.computeIfAbsent(field, none -> new ArrayList<>());
                        if (!listed.contains(item)) {
                            listed.add(item);
                        }
                    });
        }
        return asked.with(
                Layer.complete(plugin.author(), plugin.path(), Permissions.of(items, Budget.UNLIMITED)),
                asked.handler().map(handler -> unbound(handler, unsaid)));
    }

    /** What the execution itself narrows, it narrows as ever: of what plugin and handler say. */
    private static Set<PermissionField> unsaid(Request asked) {
        Set<PermissionField> unsaid = EnumSet.copyOf(UNSAID);
        asked.execution().ifPresent(execution -> unsaid.removeAll(execution.stated()));
        return unsaid;
    }

    /** Every grant, and every narrower thing a namespace leaves of one. */
    private Stream<? extends Grantable> candidates(PermissionField field, List<NamespaceRule> narrowing) {
        List<? extends Grantable> granted = allowing().stream()
                .flatMap(rule -> rule.grants().items(field).stream())
                .toList();
        Stream<? extends Grantable> left = narrowing.stream()
                .flatMap(rule -> rule.limitTo().stream())
                .flatMap(limitTo -> limitTo.items(field).stream())
                .filter(item -> granted.stream().anyMatch(grant -> grant.covers(item)));
        return Stream.concat(granted.stream(), left).distinct();
    }

    /** A handler narrows its plugin where it can be learned no longer; the rest of what it narrows, and its denies, stay. */
    private static Layer unbound(Layer handler, Set<PermissionField> unsaid) {
        Set<PermissionField> loose = EnumSet.copyOf(WIDENED);
        loose.addAll(unsaid);
        Set<PermissionField> stated = EnumSet.noneOf(PermissionField.class);
        stated.addAll(handler.stated());
        stated.removeAll(loose);
        Map<PermissionField, List<Grantable>> items = items(handler.permissions());
        items.keySet().removeAll(loose);
        return new Layer(handler.author(), handler.path(), stated, Permissions.of(items, Budget.UNLIMITED));
    }

    private static Map<PermissionField, List<Grantable>> items(Permissions permissions) {
        Map<PermissionField, List<Grantable>> items = new EnumMap<>(PermissionField.class);
        for (PermissionField field : PermissionField.values()) {
            items.put(field, new ArrayList<>(permissions.items(field)));
        }
        return items;
    }
}
