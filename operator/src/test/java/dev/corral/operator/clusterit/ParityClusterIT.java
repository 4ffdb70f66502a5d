package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The examples end as their pages say, and kubectl alone tells the story. */
class ParityClusterIT {
    @RegisterExtension
    static final NeedsCluster local = new NeedsCluster();

    @BeforeAll
    static void applyAllExamples() {
        local.cluster().run("cluster/kubectl", "delete", "pex", "--all", "-n", "demo", "--wait");
        local.cluster()
                .output(
                        "examples/apply",
                        "01-hello",
                        "02-input-artifact",
                        "03-network",
                        "04-secret-env",
                        "05-denied",
                        "06-files",
                        "07-chain",
                        "09-hosts");
        for (var name :
                new String[] {"hello", "word-count", "web-check", "sign", "lookup", "split", "rank", "host-check"}) {
            kubectl("wait", "-n", "demo", "pex/" + name, "--for=condition=Ready", "--timeout=240s");
        }
        for (var name : new String[] {"greedy", "greedy-plan"}) {
            kubectl("wait", "-n", "demo", "pex/" + name, "--for=condition=Stalled", "--timeout=120s");
        }
    }

    @Test
    void hostsReachesTheGrantedNamesAndSaysWhatWouldAllowTheRest() {
        var answers = status("host-check").at("/result");
        assertThat(answers.get("api.example.org").asInt()).isEqualTo(200);
        assertThat(answers.get("pictures.cdn.example.org").asInt()).isEqualTo(200);
        assertThat(answers.get("internal.cdn.example.org").asText()).startsWith("403 corral: HostDenied");
        assertThat(answers.get("evil.example.org").asText()).startsWith("403 corral: HostNotGranted");
        assertThat(answers.get("203.0.113.20").asText()).startsWith("403 corral: NotAHostName");
        assertThat(status("host-check").at("/report/refused")).hasSize(3);
    }

    @Test
    void helloLeavesAResultAnArtifactAndAnEvent() {
        assertThat(status("hello").at("/result/greeting").asText()).isEqualTo("Hello, Ada!");
        assertThat(local.cluster().output("examples/artifact", "demo", "hello", "greeting"))
                .isEqualTo("Hello, Ada!\n");
        assertThat(kubectl("get", "events", "-n", "demo", "--field-selector", "involvedObject.name=hello"))
                .contains("greeted Ada");
    }

    @Test
    void wordsAreCounted() {
        assertThat(status("word-count").get("result").toString()).isEqualTo("{\"distinct\":16,\"total\":17}");
        assertThat(local.cluster().output("examples/artifact", "demo", "word-count", "report"))
                .contains("\"wheel\": 1");
    }

    @Test
    void onlyTheGrantedAddressIsOpen() {
        var seen = status("web-check").get("result");
        assertThat(seen.get("granted").asText()).isEqualTo("open");
        assertThat(seen.properties())
                .hasSize(5)
                .filteredOn(entry -> !entry.getKey().equals("granted"))
                .allSatisfy(entry -> assertThat(entry.getValue().asText()).isEqualTo("refused"));
    }

    @Test
    void secretArrivesAsAFileAndNothingLeaks() {
        var result = status("sign").get("result");
        assertThat(result.get("greeting").asText()).isEqualTo("$(HOME) arrives literally");
        assertThat(result.get("files").asText().strip()).isEqualTo("token");
        assertThat(result.get("leak").asText()).isEqualTo("none");
    }

    @Test
    void onlyTheListedFilesAndProgramsAreThere() {
        assertThat(status("lookup").get("result").toString())
                .isEqualTo("{\"copy\":\"refused\",\"elsewhere\":\"refused\",\"group\":\"refused\",\"passwd\":\"ok\"}");
        assertThat(status("lookup").at("/artifacts/0/state").asText()).isEqualTo("Ready");
    }

    @Test
    void oneRunTakesWhatTheOtherLeft() {
        assertThat(status("rank").at("/result/most").asText().strip()).startsWith("2 upon;");
        assertThat(status("rank").at("/report/files/0/sha256").asText())
                .isEqualTo(status("split").at("/artifacts/0/sha256").asText());
    }

    @Test
    void deniedNamesFieldPolicyAndRemedy() {
        var message = status("greedy").at("/error/message").asText();
        assertThat(message)
                .contains("spec.permissions.network.cidrs[0]")
                .contains("ClusterPluginPolicy demo-")
                .contains("grants: {network: {cidrs: [\"198.51.100.0/24:443\"]}}");
        assertThat(kubectl("get", "pods", "-n", "demo", "-o", "jsonpath={.items[*].metadata.annotations}"))
                .doesNotContain("greedy");
    }

    @Test
    void getTellsTheStoryAtAGlance() {
        var table = kubectl("get", "pex", "-n", "demo");
        assertThat(table.lines().findFirst().orElseThrow().split(" +"))
                .containsExactly("NAME", "PLUGIN", "VERDICT", "STATE", "START", "DURATION", "AGE");
        assertThat(table).containsPattern("(?m)^hello +hello +Granted +Succeeded +Cold +\\d");
        assertThat(table).containsPattern("(?m)^greedy +greedy +Denied +Denied ");
        assertThat(kubectl("get", "pex", "-n", "demo", "-o", "wide"))
                .containsPattern("(?m)^hello .*HandlerReturned +greet")
                .containsPattern("(?m)^greedy .*Denied +take");
    }

    @Test
    void describeEndsWithEventsAPersonCanActOn() {
        var hello = kubectl("describe", "pex", "hello", "-n", "demo");
        var events = hello.substring(hello.indexOf("\nEvents:"));
        assertThat(events)
                .containsPattern("Normal +Started +.* corral.dev/controller +Handler greet runs in pod pex-")
                .containsPattern("Normal +HandlerReturned +.* exit 0, 1 artifact, 1 event")
                .contains("kubectl logs -n demo pex-")
                .contains("greeted Ada");
        var greedy = kubectl("describe", "pex", "greedy", "-n", "demo");
        assertThat(greedy.substring(greedy.indexOf("\nEvents:")))
                .containsPattern("Warning +Denied ")
                .contains("Send the message and status.plan.policy to an administrator");
    }

    private static JsonNode status(String name) {
        return Serialization.unmarshal(kubectl("get", "pex", name, "-n", "demo", "-o", "json"), JsonNode.class)
                .get("status");
    }

    private static String kubectl(String... arguments) {
        var command = new String[arguments.length + 1];
        command[0] = "cluster/kubectl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return local.cluster().output(command);
    }
}
