package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.corral.api.v1alpha1.CapabilityStatus;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.EnforcementState;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The controller probed this cluster by itself, with pods that are gone again, and chose how launchers come into pods. */
class CapabilitiesClusterIT {
    @RegisterExtension
    static final Team team = Team.granted("probed", "limits: {timeout: 1m, memory: 64Mi}");

    @Test
    void theClusterIsProbedPerClassOfNodesWithEvidence() {
        var status = await("the probes")
                .atMost(Duration.ofMinutes(4))
                .until(
                        () -> team.client()
                                .resources(CorralCluster.class)
                                .withName("cluster")
                                .get()
                                .getStatus(),
                        found -> found != null
                                && found.conditions() != null
                                && found.conditions().stream()
                                        .anyMatch(c -> c.type().equals("Ready")
                                                && c.status().equals("True"))
                                // other tests restart the gateway: what could not be proven then is probed again
                                && found.capabilities().stream()
                                        .anyMatch(row -> row.name().equals("network")
                                                && row.state() == EnforcementState.Enforced));
        var node =
                team.client().nodes().list().getItems().getFirst().getStatus().getNodeInfo();

        assertThat(status.capabilities())
                .extracting(CapabilityStatus::name)
                .containsExactlyInAnyOrder(
                        "imageVolume",
                        "initCopy",
                        "landlock",
                        "network",
                        "networkFirstPacket",
                        "pidLimit",
                        "privileges",
                        "userNamespace");
        assertThat(status.capabilities()).allSatisfy(row -> {
            assertThat(row.nodeClass()).contains(node.getKernelVersion(), node.getContainerRuntimeVersion());
            assertThat(row.evidence()).isNotBlank();
            assertThat(row.since()).isNotBlank();
            assertThat(row.lastSeen()).isNotBlank();
        });
        assertThat(status.capabilities())
                .filteredOn(
                        row -> List.of("network", "userNamespace", "landlock", "privileges", "imageVolume", "initCopy")
                                .contains(row.name()))
                .allSatisfy(row -> assertThat(row.state()).as(row.toString()).isEqualTo(EnforcementState.Enforced));
        assertThat(status.conditions())
                .anyMatch(c -> c.type().equals("LauncherDelivery") && c.reason().equals("ImageVolume"));
        await("probe pods gone")
                .atMost(Duration.ofMinutes(2))
                .until(() -> team.client()
                        .pods()
                        .inNamespace(LocalCluster.SYSTEM)
                        .withLabel("corral.dev/plugin-pod", "true")
                        .list()
                        .getItems()
                        .isEmpty());

        var end = team.shell("runs", "true").start().ends(ConditionReason.HandlerReturned);
        assertThat(team.client()
                        .pods()
                        .inNamespace(team.namespace())
                        .withName(end.status().attempt().pod())
                        .get()
                        .getSpec()
                        .getVolumes())
                .anyMatch(volume -> volume.getImage() != null);
    }
}
