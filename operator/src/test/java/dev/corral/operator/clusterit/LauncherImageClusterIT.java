package dev.corral.operator.clusterit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.ConditionReason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher's own image cannot be pulled, whichever way it comes into a pod: the run says so, and which image it is. A class of its own
 * since it changes the installation.
 */
@Execution(ExecutionMode.SAME_THREAD)
class LauncherImageClusterIT {
    private static final String MISSING = "corral.local/launcher@sha256:" + "0".repeat(64);

    @RegisterExtension
    static final Team team = Team.granted("launcherless", "limits: {timeout: 2m, memory: 64Mi}");

    @AfterAll
    static void asItWas() {
        team.cluster().install();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ImageVolume", "InitCopy"})
    void aLauncherThatCannotBePulledIsNamed(String delivery) {
        team.cluster().install("launcher.delivery=" + delivery, "images.launcher=" + MISSING);
        var run = team.probe("by-" + delivery.toLowerCase(), "exit", "0").start();

        var waiting = run.untilWaitingFor(ConditionReason.ImageUnavailable).getStatus();
        assertThat(waiting.conditions())
                .filteredOn(condition -> condition.type().equals("Reconciling"))
                .singleElement()
                .satisfies(condition -> assertThat(condition.message())
                        .startsWith("the launcher's image, the chart's images.launcher: ")
                        .contains(MISSING));
        run.cancel();
        assertThat(run.ends(ConditionReason.Cancelled).status().report())
                .as("nothing was started")
                .isNull();
    }
}
