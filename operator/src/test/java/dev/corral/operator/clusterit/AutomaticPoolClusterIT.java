package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PoolShare;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A pool that names nothing keeps what runs. */
class AutomaticPoolClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("automatic", """
            env: ["GREETING"]
            limits: {timeout: 2m, memory: 64Mi, disk: 16Mi, processes: 64}
            """);

    private final Paddock pools = new Paddock(team);

    @Test
    void whatRunsIsKeptWarmWithoutBeingNamed() {
        team.apply("""
                apiVersion: corral.dev/v1alpha1
                kind: PluginPool
                metadata: {name: automatic, namespace: $NAMESPACE}
                spec: {replicas: 2}
                """);
        pools.plugin("demanded");
        pools.execute("demanded", "first", "timeout: 45s", "env: [{name: GREETING, value: hi}]");
        var first =
                team.execution("first").ends(ConditionReason.HandlerReturned).status();
        assertThat(first.start()).isEqualTo("Cold");
        assertThat(first.coldReason())
                .as("whoever looks first")
                .isIn("class not in the pool", "no pod ready in the pool");

        var kept = pools.awaitPool(
                "automatic",
                status -> status.ready() == 1
                        && status.shares().stream()
                                .anyMatch(share ->
                                        "demanded".equals(share.plugin().name()) && share.ready() == 1));
        assertThat(kept.shares())
                .hasSize(1)
                .first()
                .extracting(PoolShare::wanted)
                .isEqualTo(1);
        pools.execute("demanded", "second", "timeout: 45s", "input: {n: 2}");
        assertThat(team.execution("second")
                        .ends(ConditionReason.HandlerReturned)
                        .status()
                        .start())
                .as("it narrows as the first did, and no pool names it")
                .isEqualTo("Warm");
        pools.awaitPool("automatic", status -> status.ready() == 2 && status.claimed() == 0);
        team.client()
                .resources(PluginExecution.class)
                .inNamespace(team.namespace())
                .delete();
        pools.awaitPool(
                "automatic", status -> status.replicas() == 0 && status.shares().isEmpty());
    }
}
