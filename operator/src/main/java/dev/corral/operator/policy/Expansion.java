package dev.corral.operator.policy;

import dev.corral.operator.permission.CapabilityName;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Section;
import dev.corral.operator.policy.Request.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the required capabilities stand for: everything that the policies defining them grant, asked for in the plugin's place. It is
 * whole or not at all, so a narrower layer that leaves part of it out refuses it.
 */
record Expansion(Request request, List<ClusterRule> tier) {

    List<Ask> of(List<Ask> asks, List<Denial> denials) {
        List<Ask> expanded = new ArrayList<>();
        for (Ask ask : asks) {
            if (ask.item() instanceof CapabilityName(var name)) {
                tier.stream()
                        .filter(rule -> rule.capability().filter(name::equals).isPresent())
                        .forEach(rule -> expanded.addAll(granted(ask, rule)));
            }
        }
        expanded.forEach(ask -> leftOut(ask).ifPresent(denials::add));
        return expanded;
    }

    private static List<Ask> granted(Ask capability, ClusterRule rule) {
        String author = "capability " + capability.item();
        List<Ask> asks = new ArrayList<>();
        for (PermissionField field : PermissionField.values()) {
            if (field.section() != Section.CAPABILITIES) {
                Ask.of(Layer.complete(author, "", rule.grants()), field)
                        .forEach(ask -> asks.add(new Ask(field, ask.item(), author, capability.path())));
            }
        }
        return asks;
    }

    private Optional<Denial> leftOut(Ask ask) {
        return request.layers().stream()
                .skip(1)
                .filter(layer -> layer.stated().contains(ask.field()))
                .filter(layer ->
                        layer.permissions().items(ask.field()).stream().noneMatch(item -> item.covers(ask.item())))
                .findFirst()
                .map(layer -> new Denial(
                        ask.path(),
                        DenialReason.CapabilityIncomplete,
                        ask + ", which " + layer.path() + " leaves out",
                        Optional.empty(),
                        "Leave the capability out, or add to " + layer.path() + ": " + Remedy.yaml(List.of(ask))));
    }
}
