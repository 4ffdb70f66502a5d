package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginExecution;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Pods that wait: claimed once, hardened as any, drained when what they were made from changes. One after the other: a class is the
 * namespace's, so pools of one test would serve the executions of another.
 */
@Execution(ExecutionMode.SAME_THREAD)
class PoolClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("pools", """
            env: ["GREETING"]
            secrets: [{name: vault, keys: [password]}]
            limits: {timeout: 2m, memory: 64Mi, disk: 16Mi, processes: 64}
            """);

    private final Paddock pools = new Paddock(team);

    @AfterEach
    void noPoolIsLeft() {
        pools.clear();
    }

    @Test
    void aWarmRunGetsItsInputAndIsAsHardenedAsAColdOne() {
        var cold = team.probe("warm", "facts").asks(Paddock.ASKS).start();
        var before = cold.ends(ConditionReason.HandlerReturned).result();
        pools.pool("warm", 2);
        pools.ready("warm", 2);
        var waiting = pools.waiting("warm");

        pools.execute("warm", "warm-run", "input: {n: 7}", "env: [{name: GREETING, value: hi}]");
        var end = team.execution("warm-run").ends(ConditionReason.HandlerReturned);

        var status = end.status();
        assertThat(status.start()).isEqualTo("Warm");
        assertThat(status.coldReason()).isNull();
        assertThat(waiting).contains(status.attempt().pod());
        var facts = end.result();
        assertThat(facts.get("stdin").asText()).contains("7");
        assertThat(texts(facts.get("env"))).contains("GREETING=hi", "CORRAL_EXECUTION=warm-run");
        for (var same : List.of(
                "capEff", "capBnd", "noNewPrivs", "seccomp", "seccompFilters", "rootMount", "writable", "readable")) {
            assertThat(facts.get(same)).as(same).isEqualTo(before.get(same));
        }
        for (var same : List.of("core", "fsize", "nofile")) { // nproc counts what of the launcher runs just then
            assertThat(facts.at("/limits/" + same)).as(same).isEqualTo(before.at("/limits/" + same));
        }
        assertThat(facts.at("/limits/nproc").asInt())
                .isCloseTo(before.at("/limits/nproc").asInt(), within(4));
        assertThat(facts.get("uid").asLong()).isEqualTo(uid(status.attempt().pod()));
        assertThat(status.timings().claimed()).isNotNull();
        assertThat(status.timings().delivered())
                .isGreaterThanOrEqualTo(status.timings().claimed());
        assertThat(status.timings().reported()).isNotNull();
    }

    @Test
    void twentyAtOnceGetTwentyPods() {
        pools.plugin("burst");
        pools.pool("burst", 20);
        pools.ready("burst", 20);
        var identities = identities();
        assertThat(identities).as("of the class, in this namespace").isNotEmpty();

        IntStream.range(0, 20).forEach(i -> pools.execute("burst", "burst-" + i, "input: {n: " + i + "}"));
        Set<String> pods = new HashSet<>();
        for (var i = 0; i < 20; i++) {
            var status = team.execution("burst-" + i)
                    .ends(ConditionReason.HandlerReturned)
                    .status();
            assertThat(status.start())
                    .as("burst-" + i + ": " + status.coldReason())
                    .isEqualTo("Warm");
            pods.add(status.attempt().podUID());
        }
        assertThat(pods).as("a pod serves one attempt").hasSize(20);
        pools.ready("burst", 20);
        assertThat(identities())
                .as("forty pods, and none that Cilium computes policies anew for")
                .isEqualTo(identities);
    }

    /** What Cilium makes of the labels of a pod: each new one costs every node. */
    private static Set<String> identities() {
        return team
                .client()
                .genericKubernetesResources("cilium.io/v2", "CiliumIdentity")
                .withLabel("io.kubernetes.pod.namespace", team.namespace())
                .list()
                .getItems()
                .stream()
                .map(identity -> identity.getMetadata().getName())
                .collect(Collectors.toSet());
    }

    @Test
    void aPolicyThatChangesDrainsThePoolAndAnEmptyOneSaysSo() {
        pools.plugin("drained");
        pools.pool("drained", 1);
        var sandboxClass = pools.ready("drained", 1).sandboxClass();
        var before = pools.waiting("drained");
        team.govern("narrower", "grants: {limits: {memory: 48Mi}}\nplacement: {waitingCPU: 7m}");

        pools.awaitPool("drained", status -> !sandboxClass.equals(status.sandboxClass()) && status.ready() == 1);
        var after = pools.waiting("drained");
        assertThat(after).doesNotContainAnyElementsOf(before);
        assertThat(team.pod(after.getFirst(), pod -> true)
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getResources()
                        .getRequests()
                        .get("cpu"))
                .hasToString("7m");
        pools.scale("drained", 0);
        pools.awaitPool("drained", status -> status.replicas() == 0);
        pools.execute("drained", "no-pod-left");
        assertThat(team.execution("no-pod-left")
                        .ends(ConditionReason.HandlerReturned)
                        .status()
                        .coldReason())
                .isEqualTo("no pod ready in the pool");
        pools.execute("drained", "another-class", "timeout: 30s");
        assertThat(team.execution("another-class")
                        .ends(ConditionReason.HandlerReturned)
                        .status()
                        .coldReason())
                .isEqualTo("class not in the pool");
        policy("narrower").delete();
    }

    @Test
    void whatIsClaimedOutlivesItsPool() {
        team.probe("outlives", "sleep", "15").asks(Paddock.ASKS).plugin();
        pools.pool("outlives", 2);
        pools.ready("outlives", 2);
        pools.execute("outlives", "outlives-run");
        var claimed = team.client()
                .resources(PluginExecution.class)
                .inNamespace(team.namespace())
                .withName("outlives-run")
                .waitUntilCondition(
                        run -> run != null
                                && run.getStatus() != null
                                && run.getStatus().attempt() != null
                                && run.getStatus().attempt().podUID() != null,
                        60,
                        TimeUnit.SECONDS);
        var mine = claimed.getStatus().attempt().pod();
        team.pod(
                mine,
                pod -> pod.getMetadata()
                        .getOwnerReferences()
                        .getFirst()
                        .getKind()
                        .equals("PluginExecution"));
        assertThat(team.pod(mine, pod -> true).getMetadata().getAnnotations())
                .containsEntry("corral.dev/execution", "outlives-run")
                .containsEntry("corral.dev/pool", "outlives");
        pools.awaitPool("outlives", status -> status.claimed() == 1);
        pools.named("outlives").delete();
        team.client()
                .pods()
                .inNamespace(team.namespace())
                .withLabel("corral.dev/plugin-pod")
                .informOnCondition(all -> all.stream()
                        .noneMatch(pod -> "outlives".equals(Paddock.annotation(pod))
                                && !pod.getMetadata().getName().equals(mine)))
                .orTimeout(90, TimeUnit.SECONDS)
                .join();

        var status = team.execution("outlives-run")
                .ends(ConditionReason.HandlerReturned)
                .status();
        assertThat(status.start()).isEqualTo("Warm");
    }

    /** One attempt per pod: what a run left, in its scratch or in memory, is gone with the pod, and the pool is filled again. */
    @Test
    void theNextRunFindsNothingOfTheLast() {
        team.shell("leaver", """
                        found=$(find /work /dev/shm /tmp -name 'mine-*' 2>/dev/null | tr '\\n' ' ')
                        echo x > /work/mine-$CORRAL_EXECUTION
                        echo x > /dev/shm/mine-$CORRAL_EXECUTION
                        test -s /work/mine-$CORRAL_EXECUTION && test -s /dev/shm/mine-$CORRAL_EXECUTION
                        printf '{"found": "%s"}' "$found" > $CORRAL_RESULT
                        """).plugin();
        pools.pool("leaver", 1);
        Set<String> pods = new HashSet<>();
        for (var run : List.of("leaves-1", "leaves-2", "leaves-3")) {
            var fresh = await("a pod that has served nobody")
                    .atMost(Duration.ofSeconds(90))
                    .until(() -> pools.waiting("leaver"), all -> all.size() == 1 && !pods.containsAll(all))
                    .getFirst();
            pools.execute("leaver", run);
            var end = team.execution(run).ends(ConditionReason.HandlerReturned);
            assertThat(end.status().start()).as(end.status().coldReason()).isEqualTo("Warm");
            assertThat(end.status().attempt().pod()).isEqualTo(fresh);
            assertThat(end.result().get("found").asText()).isEmpty();
            assertThat(pods.add(fresh)).as("a pod serves one attempt").isTrue();
        }
        for (var used : pods) {
            team.pod(used, pod -> "Succeeded".equals(pod.getStatus().getPhase()));
        }
    }

    @Test
    void aWarmRunIsCancelledAndItsPolicyTakenBackAsOfAnyOther() {
        team.govern("borrowed", "grants: {env: [BORROWED]}");
        team.shell("borrower", """
                        echo so far > $CORRAL_OUTPUT/partial
                        echo '{"secret": true}' > $CORRAL_RESULT
                        sleep 300
                        """).asks("env: [BORROWED]").leaves("partial").plugin();
        pools.pool("borrower", 2);
        pools.ready("borrower", 2);
        pools.execute("borrower", "cancelled");
        pools.execute("borrower", "revoked");
        team.execution("cancelled").untilStarted();
        team.execution("revoked").untilStarted();

        team.execution("cancelled").cancel();
        var cancelled = team.execution("cancelled").ends(ConditionReason.Cancelled);
        assertThat(cancelled.status().start()).isEqualTo("Warm");
        assertThat(cancelled.artifact("partial").state()).isEqualTo("Ready");
        pools.ready("borrower", 2);

        policy("borrowed").delete();
        var revoked = team.execution("revoked").ends(ConditionReason.PolicyRevoked);
        assertThat(revoked.status().start()).isEqualTo("Warm");
        assertThat(revoked.message()).contains("BORROWED");
        assertThat(revoked.artifact("partial").state()).isEqualTo("Quarantined");
        assertThat(revoked.status().result()).isNull();
        var pool = pools.awaitPool("borrower", status -> status.replicas() == 0);
        assertThat(pool.conditions()).anySatisfy(condition -> {
            assertThat(condition.reason()).isEqualTo("Denied");
            assertThat(condition.message()).contains("BORROWED");
        });
        await("nothing waits that nothing may claim")
                .atMost(Duration.ofSeconds(60))
                .until(() -> pools.waiting("borrower").isEmpty());
    }

    @Test
    void whatWaitedTooLongIsReplaced() {
        pools.plugin("aged");
        pools.pool("aged", 1, "maxAge: 1m");
        pools.ready("aged", 1);
        var first = pools.waiting("aged");
        await("another pod")
                .atMost(Duration.ofSeconds(150))
                .until(() -> pools.waiting("aged"), all -> all.size() == 1 && !all.equals(first));
    }

    @Test
    void aSecretThatIsMissingIsNamedUntilItIsThere() {
        team.probe("locked", "exit", "0")
                .asks("secrets: [{name: vault, keys: [password]}]")
                .plugin();
        pools.pool("locked", 1, "secrets: [{name: vault, keys: [password]}]");
        pools.awaitPool(
                "locked",
                status -> status.conditions().stream()
                        .anyMatch(condition -> condition.type().equals("Ready")
                                && condition.reason().equals("PoolFailing")
                                && condition
                                        .message()
                                        .matches("pod pex-\\S+: Secret vault: secret \"vault\" not found")));
        team.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: vault, namespace: $NAMESPACE}
                stringData: {password: pw}
                """);
        pools.ready("locked", 1);
    }

    private static Resource<GenericKubernetesResource> policy(String name) {
        return team.client()
                .genericKubernetesResources("corral.dev/v1alpha1", "ClusterPluginPolicy")
                .withName(name + "-" + team.namespace());
    }

    private static long uid(String pod) {
        return team.pod(pod, any -> true).getSpec().getSecurityContext().getRunAsUser();
    }

    private static Set<String> texts(JsonNode array) {
        return IntStream.range(0, array.size())
                .mapToObj(i -> array.get(i).asText())
                .collect(Collectors.toSet());
    }
}
