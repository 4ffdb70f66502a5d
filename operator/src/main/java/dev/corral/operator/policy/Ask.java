package dev.corral.operator.policy;

import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Yaml;
import dev.corral.operator.policy.Request.Layer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One thing that is asked for after all narrowing, and who asked for it where. Of a Secret, each named key is one ask. */
record Ask(PermissionField field, Grantable item, String author, String path) {

    /** What is left to ask the policies; whatever a later layer asks beyond an earlier one is refused into {@code denials}. */
    static List<Ask> chain(Request request, List<Denial> denials) {
        List<Ask> asks = new ArrayList<>();
        for (PermissionField field : PermissionField.values()) {
            asks.addAll(field.restricts() ? everything(request, field) : chain(request, field, denials));
        }
        return List.copyOf(asks);
    }

    private static List<Ask> everything(Request request, PermissionField field) {
        return request.layers().stream()
                .flatMap(layer -> of(layer, field).stream())
                .toList();
    }

    private static List<Ask> chain(Request request, PermissionField field, List<Denial> denials) {
        List<Ask> wider = of(request.plugin(), field);
        List<Layer> layers = request.layers();
        for (Layer layer : layers.subList(1, layers.size())) {
            if (!layer.stated().contains(field)) {
                continue;
            }
            List<Ask> narrower = new ArrayList<>();
            for (Ask ask : of(layer, field)) {
                if (wider.stream().anyMatch(asked -> asked.item.covers(ask.item))) {
                    narrower.add(ask);
                } else {
                    denials.add(exceeds(request, ask));
                }
            }
            wider = narrower;
        }
        return wider;
    }

    private static Denial exceeds(Request request, Ask ask) {
        return new Denial(
                ask.path,
                DenialReason.ExceedsPlugin,
                ask + ", which is more than " + request.plugin().author() + " asks for",
                Optional.empty(),
                request.plugin().author() + " would have to ask for it with: permissions: "
                        + Remedy.yaml(List.of(ask)));
    }

    /** Of what the execution itself names, and this is how its plugin would have to ask for it. {@code does}: names it, or sets it. */
    Denial notAsked(DenialReason reason, String does) {
        return new Denial(
                path,
                reason,
                "PluginExecution " + does + ", which " + author + " does not ask for",
                Optional.empty(),
                "Leave it out, or " + author + " would have to ask for it with: permissions: "
                        + Remedy.yaml(List.of(this)));
    }

    static List<Ask> of(Layer layer, PermissionField field) {
        List<Ask> asks = new ArrayList<>();
        List<? extends Grantable> items = layer.permissions().items(field);
        for (int i = 0; i < items.size(); i++) {
            String path = layer.path() + "." + field.path() + "[" + i + "]";
            if (items.get(i) instanceof SecretKeys secret && !secret.allKeys()) {
                // keys have no index: they are a set
                secret.keys()
                        .forEach(key -> asks.add(
                                new Ask(field, SecretKeys.of(secret.name(), key), layer.author(), path + ".keys")));
            } else {
                asks.add(new Ask(field, items.get(i), layer.author(), path));
            }
        }
        return asks;
    }

    @Override
    public String toString() {
        return author + " asks for " + field.path() + " " + Yaml.quoted(item.toString());
    }
}
