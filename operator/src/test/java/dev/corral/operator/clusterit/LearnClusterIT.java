package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.corral.api.v1alpha1.ConditionReason;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Mode Learn from inside a pod: what is proposed is enough, none of it is spare, and it opened nothing. */
class LearnClusterIT {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String CANARY = "canary-7c41e9";
    private static final String FIRST = "203.0.113.10:80";
    private static final String SECOND = "203.0.113.20:80";
    private static final String CLOSED = "203.0.113.10:443";

    @RegisterExtension
    static final Team team = Team.governed("learn", """
            learn: Allowed
            grants:
              files: {read: ["/**"], write: ["/**"]}
              commands: ["*"]
              network: {cidrs: ["203.0.113.0/24:80"]}
              env: ["*"]
              secrets: [{name: vault}]
              events: {produce: ["*@v1"]}
              limits: {timeout: 2m, memory: 128Mi, disk: 64Mi, processes: 64}
            """);

    @RegisterExtension
    static final Team strict = Team.granted("strict", "env: ['*']");

    /** A plugin that needs all of this, and gives up at the first it does not get. */
    private static final String[] STEPS = {
        "steps",
        "read:/etc/hosts",
        "read:/etc/hostname",
        "read:/secrets/vault/password",
        "env:GREETING",
        "run:/probe",
        "connect:" + FIRST,
        "connect:" + SECOND,
        "write:/work/out/report",
        "emit:check.done@v1"
    };

    @BeforeAll
    static void secret() {
        team.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: vault, namespace: $NAMESPACE}
                stringData: {password: %1$s, other: %1$s}
                """.formatted(CANARY));
    }

    private static PluginDraft draft(String name) {
        return team.probe(name, STEPS)
                .leaves("report")
                .with("{env: [{name: GREETING, value: " + CANARY + "}], secrets: [{name: vault, keys: [password]}],"
                        + " input: {query: " + CANARY + "}}");
    }

    @Test
    void whatIsProposedIsEnoughAndNoLineOfItCanBeLeftOut() throws Exception {
        var end = draft("lesson")
                .asks("{env: [GREETING], secrets: [{name: vault}], limits: {memory: 32Mi}}")
                .with("mode: Learn")
                .start()
                .ends(ConditionReason.HandlerReturned);
        var learned = end.status().learned();
        assertThat(learned).isNotNull();
        assertThat(learned.complete()).as(learned.proposal()).isTrue();
        assertThat(learned.addresses()).isEqualTo(2);
        assertThat(learned.proposal())
                .contains("\"203.0.113.10/32:80\"", "\"203.0.113.20/32:80\"", "\"check.done@v1\"", "\"GREETING\"")
                .contains("/etc/hosts", "/etc/hostname", "/probe")
                .contains("{name: \"vault\", keys: [\"password\"]}")
                .doesNotContain(CANARY);
        assertThat(Serialization.asJson(learned)).doesNotContain(CANARY);
        assertThat(team.cluster().output("examples/artifact", team.namespace(), "lesson", "learned-permissions.yaml"))
                .isEqualTo(learned.proposal());

        var permissions = (ObjectNode) YAML.readTree(learned.proposal()).get("permissions");
        draft("enough").asks(permissions.toString()).start().ends(ConditionReason.HandlerReturned);

        var spare = new ArrayList<String>();
        Map<String, Run> runs = new TreeMap<>();
        for (var line : lines(permissions)) {
            runs.put(
                    line,
                    draft("without-" + runs.size())
                            .asks(without(permissions, line).toString())
                            .start());
        }
        runs.forEach((line, run) -> {
            var outcome = run.ended();
            if (!List.of("HandlerFailed", "HandlerNotStarted", "Denied").contains(outcome.reason())) {
                spare.add(line + ": " + outcome.reason());
            }
        });
        // Go's runtime looks for the size of huge pages and for its CPU quota, and does without
        spare.removeIf(line -> line.contains("\"/sys/"));
        assertThat(runs).hasSizeGreaterThanOrEqualTo(5);
        assertThat(spare).as("lines the run succeeds without").isEmpty();
    }

    @Test
    void addressThatNoPolicyGrantsIsProposedAndStaysClosed() {
        var end = team.probe("closed", "steps", "connect:" + CLOSED)
                .with("mode: Learn")
                .start()
                .ends(ConditionReason.HandlerFailed);

        assertThat(end.status().learned().proposal()).contains("\"203.0.113.10/32:443\"");
        var pod = team.client()
                .pods()
                .inNamespace(team.namespace())
                .withName(end.status().attempt().pod())
                .get();
        assertThat(team.cluster().outsideSaw(pod)).noneMatch(line -> line.contains(CLOSED));
    }

    @Test
    void aRunThatIsNotWatchedGetsNothingItDoesNotAskForAndTeachesNothing() {
        var end = team.probe("plain", "steps", "connect:" + FIRST).start().ends(ConditionReason.HandlerFailed);

        assertThat(end.status().learned()).isNull();
    }

    @Test
    void withoutAPolicyThatAllowsItNothingIsStarted() {
        var end =
                strict.probe("refused", "exit", "0").with("mode: Learn").start().ends(ConditionReason.Denied);

        assertThat(end.message()).contains("spec.mode", "learn: Allowed");
        assertThat(end.status().error().details()).containsValue("LearnNotAllowed");
        assertThat(strict.client().pods().inNamespace(strict.namespace()).list().getItems())
                .isEmpty();
    }

    /** The attacks of {@code HardenedPodClusterIT}, on a supervisor that listens. */
    @Test
    void aWatchedHandlerCannotHarmItsWatcher() {
        var end = team.probe("attacks", "attack").with("mode: Learn").start().ends(ConditionReason.HandlerReturned);

        var answers = end.result().get("answers");
        for (var attack : List.of(
                "ptrace_seize", "process_vm_readv", "pidfd_getfd", "unshare_user", "mount", "bpf", "io_uring_setup")) {
            assertThat(answers.get(attack).asText().strip()).as(attack).isIn("EPERM", "EACCES", "ENOSYS");
        }
        assertThat(end.status().learned()).isNotNull();
        assertThat(end.status().learned().proposal()).doesNotContain("/.corral");
    }

    /** Every entry of every list but limits, as a JSON pointer. */
    private static List<String> lines(ObjectNode permissions) {
        var lines = new ArrayList<String>();
        permissions.properties().forEach(section -> {
            if (!section.getKey().equals("limits")) {
                collect("/" + section.getKey(), section.getValue(), lines);
            }
        });
        return lines;
    }

    private static void collect(String path, JsonNode node, List<String> lines) {
        if (node instanceof ArrayNode list) {
            for (var i = 0; i < list.size(); i++) {
                lines.add(path + "/" + i + " " + list.get(i));
            }
        } else {
            node.properties().forEach(field -> collect(path + "/" + field.getKey(), field.getValue(), lines));
        }
    }

    private static ObjectNode without(ObjectNode permissions, String line) {
        var copy = permissions.deepCopy();
        var pointer = line.substring(0, line.indexOf(' '));
        var slash = pointer.lastIndexOf('/');
        ((ArrayNode) copy.at(pointer.substring(0, slash))).remove(Integer.parseInt(pointer.substring(slash + 1)));
        return copy;
    }
}
