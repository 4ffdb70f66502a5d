package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.corral.api.v1alpha1.ConditionReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handler finds when it looks around in its pod, and what becomes of it when it attacks what it finds. */
class HardenedPodClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("hardened", """
            env: ["GREETING", "LEAK_*"]
            limits: {timeout: 2m, memory: 128Mi, disk: 64Mi, processes: 64}
            """);

    /** Refusals of the kernel: by filter, Landlock, missing capability, or because the file system is read-only. */
    private static final Set<String> REFUSED =
            Set.of("EPERM", "EACCES", "EROFS", "ENOSYS", "ENOENT", "EXDEV", "EAFNOSUPPORT", "EPROTONOSUPPORT");

    @Test
    void handlerHasNoIdentityAndNoPrivilegesOnItsNode() {
        var run = team.probe("identity", "facts").start();
        var facts = run.ends(ConditionReason.HandlerReturned).result();
        var pod = team.client()
                .pods()
                .inNamespace(team.namespace())
                .withName(run.resource().get().getStatus().attempt().pod())
                .get();

        var uid = pod.getSpec().getSecurityContext().getRunAsUser();
        assertThat(uid).isBetween(1L, 65_535L);
        assertThat(facts.get("uid").asLong()).isEqualTo(uid);
        assertThat(facts.get("gid").asLong())
                .isEqualTo(pod.getSpec().getSecurityContext().getRunAsGroup());
        assertThat(texts(facts.get("groups"))).containsOnly(uid.toString());
        assertThat(facts.get("capEff").asText()).isEqualTo("0000000000000000");
        assertThat(facts.get("capBnd").asText()).isEqualTo("0000000000000000");
        assertThat(facts.get("noNewPrivs").asText()).isEqualTo("1");
        assertThat(facts.get("seccomp").asText()).isEqualTo("2");
        assertThat(facts.get("seccompFilters").asInt())
                .as("the runtime's and ours")
                .isGreaterThanOrEqualTo(2);
        var map = facts.get("uidMap").asText().split(" ");
        assertThat(map).as("uid_map: inside, outside, count").hasSize(3);
        assertThat(Long.parseLong(map[1])).isGreaterThanOrEqualTo(65_536);
        assertThat(Long.parseLong(map[2])).isEqualTo(65_536);
    }

    @Test
    void onlyItsScratchIsWritable() {
        var facts = team.probe("scratch", "facts")
                .start()
                .ends(ConditionReason.HandlerReturned)
                .result();

        assertThat(facts.get("rootMount").asText().split(",")).contains("ro");
        assertThat(texts(facts.get("writable"))).containsExactlyInAnyOrder("/work", "/dev/shm");
        assertThat(facts.get("limits").get("core").asLong())
                .as("no core dumps, piped ones neither")
                .isOne();
    }

    @Test
    void tokenAndLauncherAreOutOfReachOfTheHandler() {
        var facts = team.probe("token", "facts")
                .start()
                .ends(ConditionReason.HandlerReturned)
                .result();

        assertThat(texts(facts.get("readable")))
                .as("of ours only the program every handler may execute")
                .isSubsetOf("/.corral/bin/corral");
        assertThat(texts(facts.get("fds")))
                .as("descriptors handed down, beside those Go's runtime opens to learn its CPU quota")
                .allMatch(fd -> fd.matches("[012] .*|\\d+ /sys/fs/cgroup/cpu.*"));
        assertThat(facts.get("pid").asInt()).isGreaterThan(1);
        assertThat(facts.get("sid").asInt())
                .as("a session of its own")
                .isEqualTo(facts.get("pid").asInt());
    }

    @Test
    void environmentIsExactlyTheBaseAndTheGrantedVariables() {
        var run = team.probe("environment", "facts")
                .asks("env: [GREETING]")
                .with("env: [{name: GREETING, value: '$(HOME) and ${PATH}'}]")
                .start();
        var facts = run.ends(ConditionReason.HandlerReturned).result();

        assertThat(texts(facts.get("env")))
                .containsExactlyInAnyOrder(
                        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/.corral/bin",
                        "HOME=/work/home",
                        "TMPDIR=/work/tmp",
                        "LANG=C.UTF-8",
                        "CORRAL_INPUT=/work/input.json",
                        "CORRAL_RESULT=/work/result.json",
                        "CORRAL_OUTPUT=/work/out",
                        "CORRAL_SOCKET=/work/corral.sock",
                        "CORRAL_SECRETS=/secrets",
                        "CORRAL_FILES=/files",
                        "CORRAL_NAMESPACE=" + team.namespace(),
                        "CORRAL_EXECUTION=environment",
                        "CORRAL_ATTEMPT=1",
                        "GREETING=$(HOME) and ${PATH}");
        assertThat(texts(facts.get("args"))).containsExactly("/probe", "facts");
        assertThat(facts.get("cwd").asText()).isEqualTo("/work");
        assertThat(facts.get("stdin").asText()).isEqualTo("{}");
    }

    @Test
    void everyAttackOnTheLauncherAndTheKernelIsRefusedAndTheRunStillReports() {
        var attack = team.probe("attack", "attack")
                .start()
                .ends(ConditionReason.HandlerReturned)
                .result();

        var worked = new ArrayList<String>();
        attack.get("signals").properties().forEach(signal -> {
            // 32 and 33 are the C library's own and do nothing to anybody
            if (!Set.of("EPERM", "EINVAL").contains(signal.getValue().asText())) {
                worked.add("signal " + signal.getKey() + ": " + signal.getValue());
            }
        });
        attack.get("prlimit").properties().forEach(limit -> {
            if (!limit.getValue().asText().equals("EPERM")) {
                worked.add("prlimit " + limit.getKey() + ": " + limit.getValue());
            }
        });
        attack.get("answers").properties().forEach(answer -> {
            if (!EXPECTED.getOrDefault(answer.getKey(), REFUSED)
                    .contains(answer.getValue().asText().strip())) {
                worked.add(answer.getKey() + ": " + answer.getValue());
            }
        });
        assertThat(attack.get("signals")).hasSize(64);
        assertThat(attack.get("prlimit")).hasSize(16);
        assertThat(worked).isEmpty();
    }

    /** What every program may do to itself and its own kind; that PID 1 felt none of it is what the report proves. */
    private static final Map<String, Set<String>> EXPECTED = Map.of(
            "setpriority_self", Set.of("ok"),
            "memfd_create", Set.of("ok"),
            "pidfd_open", Set.of("ok"),
            "f_setown", Set.of("ok", "EPERM"),
            "kill_everyone", Set.of("ok"),
            "stat_pid1", Set.of("ok"),
            "setrlimit_core", Set.of("ok"),
            "prlimit_core", Set.of("ok"),
            "core_limit", Set.of("1"),
            // a process that may be read would be its own user's
            "owner_of_pid1", Set.of("0"));

    @Test
    void imageSaysRootAndTheHandlerIsNotRoot() {
        // every image of ours says USER 0 and LEAK=image-env on purpose (cluster/images)
        var result = team.shell(
                        "root",
                        "printf '{\"uid\": \"%s\", \"leak\": \"%s\"}' \"$(id -u)\" \"${LEAK:-none}\" > \"$CORRAL_RESULT\"")
                .start()
                .ends(ConditionReason.HandlerReturned)
                .result();

        assertThat(result.get("uid").asInt()).isBetween(1, 65_535);
        assertThat(result.get("leak").asText()).isEqualTo("none");
    }

    /** Runtimes have read such users as 0 (CVE-2024-40635). */
    @ParameterizedTest
    @ValueSource(strings = {"4294967296", "2147483648", "root", "-1"})
    void oddUserOfAnImageIsNeverAsked(String user) {
        var name = "user" + user.replaceAll("[^a-z0-9]", "x");
        var result = team.probe(name, "facts")
                .image(team.cluster().probeImage(name, "--user", user))
                .start()
                .ends(ConditionReason.HandlerReturned)
                .result();

        assertThat(result.get("uid").asLong()).isBetween(1L, 65_535L);
        assertThat(result.get("gid").asLong()).isBetween(1L, 65_535L);
        assertThat(result.get("capEff").asText()).isEqualTo("0000000000000000");
    }

    @Test
    void statusSaysWhatWasProvenAndByWhat() {
        var end = team.probe("proof", "exit", "0").start().ends(ConditionReason.HandlerReturned);

        assertThat(end.condition("SandboxVerified").status()).isEqualTo("True");
        assertThat(end.status().enforcement())
                .filteredOn(row -> List.of("network", "privileges", "userNamespace", "landlock")
                        .contains(row.permission()))
                .hasSize(4)
                .allSatisfy(row -> {
                    assertThat(row.state().name()).isEqualTo("Enforced");
                    assertThat(row.evidence()).isNotBlank();
                    assertThat(row.mechanism()).isNotBlank();
                });
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
