package dev.corral.operator.policy;

import dev.corral.operator.permission.PathGlob;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.policy.Request.Layer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The file globs and commands of one verdict in the making. A list restricts as soon as one layer of the plugin's side writes it, even
 * if nothing of it is left after narrowing; what policies deny is taken away whether anything was asked for or not.
 */
final class FileMeet {
    private final Request request;
    private final List<Permissions> denies;
    private final Map<PermissionField, List<PathGlob>> accepted = new EnumMap<>(PermissionField.class);

    FileMeet(Request request, List<Permissions> denies) {
        this.request = request;
        this.denies = denies;
    }

    void accept(PermissionField field, PathGlob glob) {
        accepted.computeIfAbsent(field, absent -> new ArrayList<>()).add(glob);
    }

    FileAccess meet() {
        return new FileAccess(
                restricted(PermissionField.FILES_READ),
                restricted(PermissionField.FILES_WRITE),
                Stream.concat(
                                accepted.getOrDefault(PermissionField.FILES_DENY, List.of()).stream(),
                                denies.stream().flatMap(layer -> layer.files().read().stream()))
                        .toList(),
                denies.stream().flatMap(layer -> layer.files().write().stream()).toList(),
                restricted(PermissionField.COMMANDS),
                denies.stream().flatMap(layer -> layer.commands().stream()).toList());
    }

    private Optional<List<PathGlob>> restricted(PermissionField field) {
        boolean stated = request.layers().stream()
                .map(Layer::permissions)
                .anyMatch(permissions -> !permissions.items(field).isEmpty());
        return stated ? Optional.of(accepted.getOrDefault(field, List.of())) : Optional.empty();
    }
}
