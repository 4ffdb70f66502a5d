package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.DecidedPlugin;
import dev.corral.api.v1alpha1.DecidedPolicy;
import dev.corral.api.v1alpha1.PolicyReference;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.policy.EffectiveLine;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.status.PlainText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What the status says of a grant: by which plugin and policies, and line by line. */
final class GrantStatus {
    /** Bytes of effective permissions kept in status, of the 32 KiB that all of it may take. */
    private static final int LINES_BYTES = 4096;

    private static final int MOST_LINES = 128;

    private GrantStatus() {}

    static DecidedPlugin plugin(FoundPlugin plugin) {
        return new DecidedPlugin(
                plugin.kind(),
                plugin.name(),
                plugin.uid(),
                plugin.generation(),
                plugin.spec().version(),
                plugin.spec().image(),
                null);
    }

    static DecidedPolicy policy(EffectivePermissions effective) {
        return new DecidedPolicy(
                effective.hash(),
                effective.refs().stream()
                        .limit(32)
                        .map(id -> new PolicyReference(id.kind(), id.name(), id.uid(), id.generation()))
                        .toList());
    }

    /** As many as fit the status: a run with more is granted all of them and shows the first. */
    static List<String> lines(EffectivePermissions effective) {
        List<String> shown = new ArrayList<>();
        int room = LINES_BYTES;
        for (EffectiveLine line : effective.lines()) {
            String text = PlainText.shown(line.toString(), 512);
            room -= text.getBytes(StandardCharsets.UTF_8).length;
            if (room < 0 || shown.size() == MOST_LINES - 1 && effective.lines().size() > MOST_LINES) {
                shown.add("… " + (effective.lines().size() - shown.size()) + " more");
                break;
            }
            shown.add(text);
        }
        return List.copyOf(shown);
    }

    static String sources(EffectivePermissions effective) {
        return effective.refs().isEmpty()
                ? "built-in defaults"
                : effective.refs().stream()
                        .map(id -> id.kind() + "/" + id.name())
                        .distinct()
                        .limit(8)
                        .collect(Collectors.joining(", "));
    }
}
