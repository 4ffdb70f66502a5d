package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The words around the guard's are an API server's, as {@code PodShapeIT} hears them from a real one. */
class PodRefusalsTest {
    private static final Path GUARD = Path.of("../helm/templates/guards/pod-shape.yaml");

    @ParameterizedTest
    @ValueSource(strings = {"corral-pod-shape", "corral-pod-shape.corral-two"})
    void whatAnInjectorAddedIsSaidWhereverCorralIsInstalled(String guard) {
        assertThat(PodRefusals.explain(
                        refusal(guard, "a plugin pod has one container, named plugin; found plugin, istio-proxy")))
                .startsWith("the pod was changed on its way")
                .contains("container istio-proxy is that of Istio");
    }

    @Test
    void whatGuardAndOperatorTakeFromTheChartMayDifferDuringAnUpgrade() throws IOException {
        var shared = Files.readAllLines(GUARD).stream()
                .map(String::strip)
                .filter(line ->
                        line.startsWith("message: ") && line.matches(".*(images\\.launcher|launcher\\.delivery).*"))
                .map(line -> line.substring("message: ".length()))
                .toList();
        assertThat(shared)
                .hasSize(4)
                .allSatisfy(message -> assertThat(PodRefusals.explain(refusal("corral-pod-shape", message)))
                        .startsWith("a guard refused the pod: " + message)
                        .contains("an upgrade is on its way, or failed"));
    }

    @Test
    void whatAnotherPolicyRefusedIsSaidInItsWords() {
        var words = refusal("corral-pod-shapes-of-ours", "no pods on Fridays");
        assertThat(PodRefusals.explain(words)).isEqualTo("the pod was refused: " + words);
    }

    @Test
    void aNetworkPolicyThatIsChangedOnItsWayIsNoRefusedPod() {
        assertThat(PodRefusals.explain(
                        "NetworkPolicy corral-default-deny was changed on its way by a mutating webhook"))
                .startsWith("NetworkPolicy corral-default-deny was changed on its way")
                .contains("app.kubernetes.io/managed-by=corral")
                .contains("tolerateUnenforced: [network]");
    }

    private static String refusal(String policy, String message) {
        return "pods \"pex-check\" is forbidden: ValidatingAdmissionPolicy '%s' with binding '%s' denied request: %s"
                .formatted(policy, policy, message);
    }
}
