package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.operator.observe.Evidence;
import dev.corral.operator.policy.FileAccess;
import dev.corral.operator.status.PlainText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the launcher proved of file globs and commands. A class that restricts them and has no proof of it is {@code NotEnforced}. */
final class FileProofs {
    static final List<String> NEEDED = List.of("files.read", "files.write", "files.deny", "commands");

    /** Longest text of a row. */
    private static final int MOST = 512;

    private FileProofs() {}

    /** As a policy tolerates it: {@code files} for all of files. */
    static String section(String permission) {
        return permission.startsWith("files.") ? "files" : permission;
    }

    static List<EnforcementStatus> rows(FileAccess access, Evidence evidence) {
        List<EnforcementStatus> rows = new ArrayList<>();
        if (access.read().isPresent()) {
            rows.add(files("files.read", evidence, "names, sizes and times of files stay visible (stat)"));
        }
        if (access.write().isPresent() || !access.denyWrite().isEmpty()) {
            rows.add(files("files.write", evidence, "permission bits and times can be changed (chmod, utime)"));
        }
        if (!access.deny().isEmpty()) {
            rows.add(files("files.deny", evidence, "names, sizes and times of files stay visible (stat)"));
        }
        if (access.restrictsCommands()) {
            rows.add(row("commands", evidence, evidence.commands(), "programs", List.of()));
        }
        return rows;
    }

    /** Never more than partial: Landlock does not cover what a path is, only what is in it. */
    private static EnforcementStatus files(String permission, Evidence evidence, String uncovered) {
        return row(permission, evidence, evidence.files(), "rules", List.of(uncovered));
    }

    private static EnforcementStatus row(
            String permission,
            Evidence evidence,
            Evidence.@Nullable Restriction seen,
            String counted,
            List<String> uncovered) {
        Integer abi = evidence.landlockAbi();
        if (seen == null || seen.rules() == null || abi == null || abi < 1) {
            return new EnforcementStatus(
                    permission,
                    EnforcementState.NotEnforced,
                    "Landlock",
                    null,
                    evidence.launcher() == null
                            ? "not started: no evidence yet"
                            : "the launcher could not restrict it: the node's kernel has no Landlock for this pod");
        }
        List<String> reasons = new ArrayList<>(uncovered);
        if (seen.partial() != null) {
            reasons.addAll(seen.partial());
        }
        return new EnforcementStatus(
                permission,
                reasons.isEmpty() ? EnforcementState.Enforced : EnforcementState.Partial,
                "Landlock ABI " + abi,
                seen.rules() + " " + counted,
                reasons.isEmpty() ? null : PlainText.shown(String.join("; ", reasons), MOST));
    }
}
