package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ConditionReason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Everything that holds of a hardened pod holds where an init container copies the launcher, on the real kubelet. */
class InitCopyClusterIT extends HardenedPodClusterIT {
    @BeforeAll
    static void copyLaunchers() {
        team.cluster().install("launcher.delivery=InitCopy");
    }

    @AfterAll
    static void asItWas() {
        team.cluster().install();
    }

    @Test
    void theLauncherWasCopiedAndItsVolumeIsReadOnlyForThePlugin() {
        var end = team.shell("copied", """
                        touch /.corral/bin/x 2>/dev/null && exit 1
                        echo kept > $CORRAL_OUTPUT/left
                        printf '{"copied": true}' > $CORRAL_RESULT
                        """).leaves("left").start().ends(ConditionReason.HandlerReturned);

        var pod = team.client()
                .pods()
                .inNamespace(team.namespace())
                .withName(end.status().attempt().pod())
                .get();
        assertThat(pod.getSpec().getInitContainers()).singleElement().satisfies(copy -> {
            assertThat(copy.getName()).isEqualTo("launcher");
            assertThat(copy.getImage()).isEqualTo(team.cluster().image("launcher"));
        });
        assertThat(pod.getSpec().getVolumes())
                .filteredOn(volume -> volume.getName().equals("launcher"))
                .singleElement()
                .satisfies(volume -> assertThat(volume.getEmptyDir()).isNotNull());
        assertThat(end.result().get("copied").asBoolean()).isTrue();
        assertThat(end.artifact("left").state()).isEqualTo("Ready");
    }
}
