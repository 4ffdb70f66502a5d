package dev.corral.operator.clusterit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives a class the local cluster; the class is skipped, saying why, where there can be none. */
class NeedsCluster implements ExecutionCondition, BeforeAllCallback {
    private @Nullable LocalCluster cluster;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return LocalCluster.impossible()
                .map(why -> ConditionEvaluationResult.disabled("cluster tests are skipped: " + why))
                .orElseGet(() -> ConditionEvaluationResult.enabled("there can be a cluster"));
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        cluster = LocalCluster.of(context);
    }

    LocalCluster cluster() {
        if (cluster == null) {
            throw new IllegalStateException("no cluster yet");
        }
        return cluster;
    }
}
