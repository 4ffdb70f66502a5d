package dev.corral.operator.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.policy.Enforceability;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** docs/guarantees.md says of every permission what the code says, and of nothing else. */
class GuaranteesTest {
    private static final String PAGE = Repository.read("docs/guarantees.md");

    @Test
    void everyPermissionIsExplainedAsItIsDecided() {
        Map<String, String> decided = new TreeMap<>();
        for (PermissionField field : PermissionField.values()) {
            decided.put(field.path(), words(Enforceability.of(field)));
        }
        for (LimitField field : LimitField.values()) {
            decided.put(field.path(), words(Enforceability.of(field)));
        }
        decided.put("inputFrom.artifact", words(Enforceability.of(PermissionField.ARTIFACTS_READ)));

        Map<String, String> explained = new TreeMap<>();
        for (List<String> row : Repository.rows(PAGE, "## What a plugin may ask for")) {
            assertThat(row).as("%s", row).hasSize(4).noneMatch(String::isEmpty);
            explained.put(Repository.unquoted(row.get(0)), row.get(1));
        }
        assertThat(explained).isEqualTo(decided);
    }

    /** The rows every status has that no permission stands for. */
    @Test
    void everyProofIsExplained() {
        Example hello = Example.of(Repository.examples().getFirst());
        PluginExecutionStatus status = hello.planned(hello.executions().getFirst());
        Set<String> permissions = new java.util.HashSet<>();
        for (List<String> row : Repository.rows(PAGE, "## What a plugin may ask for")) {
            permissions.add(Repository.unquoted(row.getFirst()));
        }
        List<String> proofs = new ArrayList<>(status.enforcement().stream()
                .map(EnforcementStatus::permission)
                .filter(row -> !permissions.contains(row))
                .toList());
        assertThat(Repository.rows(PAGE, "## What every run must prove").stream()
                        .map(List::getFirst)
                        .map(Repository::unquoted)
                        .collect(Collectors.toList()))
                .isEqualTo(proofs);
    }

    private static String words(Enforceability answer) {
        return switch (answer) {
            case Enforceability.By(String mechanism) -> mechanism;
            case Enforceability.NotYet(String because) -> "refused: " + because;
        };
    }
}
