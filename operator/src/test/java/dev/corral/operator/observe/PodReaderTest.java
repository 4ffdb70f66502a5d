package dev.corral.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.corral.operator.observe.Observation.Absent;
import dev.corral.operator.observe.Observation.ExitCause;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.Observation.Lost;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.Running;
import dev.corral.operator.observe.Observation.WaitCause;
import dev.corral.operator.observe.Observation.Waiting;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One row per thing a kubelet is known to say. */
class PodReaderTest {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final String RUNNING = "containerStatuses: [{name: plugin, state: {running: {}}}]";

    private static Observation read(String status) {
        return PodReader.read(Optional.of(pod(status)));
    }

    private static Pod pod(String status) {
        try {
            return YAML.readValue("metadata: {name: p}\nstatus:\n  " + status.replace("\n", "\n  ") + "\n", Pod.class);
        } catch (JsonProcessingException mistake) {
            throw new IllegalArgumentException(status, mistake);
        }
    }

    @Test
    void noPodIsAbsent() {
        assertThat(PodReader.read(Optional.empty())).isEqualTo(new Absent());
    }

    @Test
    void aPodWithoutStatusWaitsForANode() {
        assertThat(PodReader.read(Optional.of(new Pod()))).isEqualTo(new Waiting(WaitCause.Unscheduled, ""));
        assertThat(read("phase: Pending")).isEqualTo(new Waiting(WaitCause.Unscheduled, ""));
    }

    @Test
    void theSchedulersWordsAreKept() {
        assertThat(
                        read(
                                "conditions: [{type: PodScheduled, status: 'False', reason: Unschedulable, message: 0/1 nodes}]"))
                .isEqualTo(new Waiting(WaitCause.Unschedulable, "0/1 nodes"));
        assertThat(read("conditions: [{type: PodScheduled, status: 'False', reason: SchedulingGated}]"))
                .isEqualTo(new Waiting(WaitCause.Unscheduled, ""));
        assertThat(read("conditions: [{type: PodScheduled, status: 'True'}]"))
                .isEqualTo(new Waiting(WaitCause.Creating, ""));
    }

    @ParameterizedTest
    @CsvSource({
        "ErrImagePull, Image",
        "ImagePullBackOff, Image",
        "InvalidImageName, Image",
        "ErrImageNeverPull, Image",
        "ImageInspectError, Image",
        "RegistryUnavailable, Image",
        "SignatureValidationFailed, Image",
        "CreateContainerConfigError, Uncreatable",
        "CreateContainerError, Uncreatable",
        "RunContainerError, Uncreatable",
        "ContainerCreating, Creating",
        "PodInitializing, Creating",
    })
    void whatAContainerWaitsFor(String reason, WaitCause cause) {
        assertThat(read("containerStatuses: [{name: plugin, state: {waiting: {reason: " + reason
                        + ", message: why}}}]"))
                .isEqualTo(new Waiting(cause, "why"));
        assertThat(read("containerStatuses: [{name: plugin, state: {waiting: {reason: " + reason + "}}}]"))
                .isEqualTo(new Waiting(cause, reason));
    }

    /** The kubelet's own words. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "secret \"vault\" not found | Secret",
                "couldn't find key token in Secret team-a/vault | Secret",
                "failed to create subPath directory for volumeMount \"claim-0\" of container \"plugin\" | Uncreatable",
                "configmap \"settings\" not found | Uncreatable",
            })
    void aContainerThatCannotBeMadeLacksASecretWhereTheWordsNameOne(String words, WaitCause cause) {
        assertThat(read(
                        "containerStatuses: [{name: plugin, state: {waiting: {reason: CreateContainerConfigError, message: '"
                                + words.replace("'", "''") + "'}}}]"))
                .isEqualTo(new Waiting(cause, words));
    }

    @Test
    void aRunningContainerWithoutProofOnlyRuns() {
        assertThat(read(RUNNING)).isEqualTo(new Running());
        assertThat(read(RUNNING
                        + "\nconditions: [{type: corral.dev/SandboxVerified, status: 'True', message: nonsense}]"))
                .isEqualTo(new Running());
        assertThat(read(RUNNING + "\nconditions: [{type: corral.dev/SandboxVerified, status: 'True'}]"))
                .isEqualTo(new Running());
    }

    @Test
    void aProofMakesItReadyAndOnlyThenItsSessionCounts() {
        String message = "'{\"session\":\"s1\",\"evidence\":{\"uid\":12345,\"more\":\"ignored\"}}'";
        Observation ready =
                read(RUNNING + "\nconditions: [{type: corral.dev/SandboxVerified, status: 'True', reason: Proven,"
                        + " lastTransitionTime: '2026-11-23T07:00:02Z', message: " + message + "}]");
        assertThat(ready).isInstanceOfSatisfying(Ready.class, found -> {
            assertThat(found.session()).isEqualTo("s1");
            assertThat(found.evidence().uid()).isEqualTo(12345);
            assertThat(found.since()).isEqualTo(Instant.parse("2026-11-23T07:00:02Z"));
        });
        assertThat(read(RUNNING + "\nconditions: [{type: corral.dev/SandboxVerified, status: 'False',"
                        + " reason: SentinelReachable, message: " + message + "}]"))
                .isInstanceOfSatisfying(
                        Waiting.class, waiting -> assertThat(waiting.cause()).isEqualTo(WaitCause.Unproven));
    }

    @ParameterizedTest
    @CsvSource({
        "'', Completed, 0, Exit",
        "'', Error, 1, Exit",
        "'', OOMKilled, 137, OutOfMemory",
        "'reason: Evicted\nmessage: Pod ephemeral local storage usage exceeds', Error, 137, DiskEviction",
        "'reason: Evicted\nmessage: Usage of EmptyDir volume emptyDir exceeds', Error, 137, DiskEviction",
        "'reason: Evicted\nmessage: The node was low on memory', Error, 137, Disruption",
        "'reason: Evicted\nmessage: \"The node was low on resource: ephemeral-storage. Container plugin was using 5Mi\"', Error, 137, Disruption",
        "'reason: DeadlineExceeded', Error, 137, Deadline",
        "'reason: Preempting', Error, 137, Disruption",
        "'conditions: [{type: DisruptionTarget, status: \"True\"}]', Error, 143, Disruption",
        "'conditions: [{type: DisruptionTarget, status: \"False\"}]', Error, 143, Exit",
    })
    void whyAContainerEnded(String more, String reason, int code, ExitCause cause) {
        Observation end = read("phase: Failed\ncontainerStatuses: [{name: plugin, state: {terminated: {exitCode: "
                + code + ", reason: " + reason + ", message: m, finishedAt: '2026-11-23T07:00:09Z'}}}]\n" + more);
        assertThat(end).isInstanceOfSatisfying(Exited.class, exited -> {
            assertThat(exited.cause()).isEqualTo(cause);
            assertThat(exited.exitCode()).isEqualTo(code);
            assertThat(exited.at()).isEqualTo(Instant.parse("2026-11-23T07:00:09Z"));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "reason: Evicted, Error, 137, '', kubelet",
        "reason: Evicted, Error, 143, launcher, kubelet",
        "reason: DeadlineExceeded, Error, 137, '', kubelet",
        "qosClass: Burstable, Error, 1, launcher, launcher",
        "reason: Evicted, OOMKilled, 137, launcher, launcher",
    })
    void whoEndedAContainerHasTheWord(String more, String reason, int code, String message, String words) {
        assertThat(read(
                        "phase: Failed\nmessage: kubelet\ncontainerStatuses: [{name: plugin, state: {terminated: {exitCode: "
                                + code + ", reason: " + reason + ", message: \"" + message + "\"}}}]\n" + more))
                .isInstanceOfSatisfying(
                        Exited.class, exited -> assertThat(exited.message()).isEqualTo(words));
    }

    @Test
    void aLauncherIsHeardWhereTheKubeletSaysNothing() {
        assertThat(read("phase: Failed\nreason: Evicted\n"
                        + "containerStatuses: [{name: plugin, state: {terminated: {exitCode: 143, message: m}}}]"))
                .isEqualTo(new Exited(ExitCause.Disruption, 143, "m", Instant.EPOCH));
    }

    @Test
    void aFailedPodWhoseContainerStillRunsIsNotDead() {
        assertThat(read("phase: Failed\n" + RUNNING)).isEqualTo(new Running());
        assertThat(read("phase: Failed\nreason: Evicted\nmessage: node is low on memory"))
                .isEqualTo(new Exited(ExitCause.Disruption, -1, "node is low on memory", Instant.EPOCH));
    }

    @ParameterizedTest
    @CsvSource({
        "OutOfpods, 'Pod was rejected: Node didn''t have enough resource: pods', 'the node refused the pod: OutOfpods: Pod was rejected: Node didn''t have enough resource: pods'",
        "UnexpectedAdmissionError, no such device, the node refused the pod: UnexpectedAdmissionError: no such device",
        "NodeAffinity, '', the node refused the pod: NodeAffinity",
    })
    void aPodThatTheNodeRefusedSaysSo(String reason, String message, String words) {
        assertThat(read("phase: Failed\nreason: " + reason + "\nmessage: \"" + message + "\""))
                .isEqualTo(new Exited(ExitCause.Refusal, -1, words, Instant.EPOCH));
    }

    @Test
    void aLauncherThatCouldNotBeCopiedSaysWhy() {
        String main =
                "phase: Failed\ncontainerStatuses: [{name: plugin, state: {waiting: {reason: PodInitializing}}}]\n";
        String copy =
                "initContainerStatuses: [{name: launcher, state: {terminated: {exitCode: 1, reason: Error, message: no space}}}]";
        assertThat(read(main + copy))
                .isEqualTo(
                        new Exited(ExitCause.Exit, 1, "copying the launcher failed: Error: no space", Instant.EPOCH));
        assertThat(read(main + copy + "\nreason: Evicted\nmessage: node is low on memory"))
                .as("ended by the kubelet")
                .isEqualTo(new Exited(ExitCause.Disruption, -1, "node is low on memory", Instant.EPOCH));
    }

    @Test
    void aNodeThatDoesNotAnswerIsALoss() {
        assertThat(read("phase: Unknown")).isInstanceOf(Lost.class);
        assertThat(read("phase: Running\nreason: NodeLost\n" + RUNNING)).isInstanceOf(Lost.class);
    }

    @Test
    void theImageThatReallyRanIsRecorded() {
        assertThat(PodReader.imageID(
                        pod("containerStatuses: [{name: plugin, imageID: 'r/a@sha256:1', state: {running: {}}}]")))
                .contains("r/a@sha256:1");
        assertThat(PodReader.imageID(pod("containerStatuses: [{name: plugin, imageID: '', state: {running: {}}}]")))
                .isEmpty();
        assertThat(PodReader.imageID(new Pod())).isEmpty();
    }

    /** The kubelet's own words for a missing Secret and a missing key, Kubernetes 1.36. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "MountVolume.SetUp failed for volume \"secret-0\" : secret \"vault\" not found | Secret | Secret vault: secret \"vault\" not found",
                "MountVolume.SetUp failed for volume \"secret-0\" : references non-existent secret key: token | Secret | Secret vault: references non-existent secret key: token",
                "MountVolume.SetUp failed for volume \"token\" : no such account | Uncreatable | MountVolume.SetUp failed for volume \"token\" : no such account",
                "something else | Uncreatable | something else"
            })
    void aVolumeThatCannotBeMountedIsToldByAnEventOnly(String said, WaitCause cause, String detail) {
        Pod pod = pod("conditions: [{type: PodScheduled, status: 'True'}]");
        pod.setSpec(new PodSpecBuilder()
                .addNewVolume()
                .withName("secret-0")
                .withNewProjected()
                .addNewSource()
                .withNewSecret()
                .withName("vault")
                .endSecret()
                .endSource()
                .endProjected()
                .endVolume()
                .addNewVolume()
                .withName("token")
                .withNewProjected()
                .addNewSource()
                .withNewServiceAccountToken()
                .endServiceAccountToken()
                .endSource()
                .endProjected()
                .endVolume()
                .build());

        assertThat(PodReader.read(Optional.of(pod), Optional.of(said))).isEqualTo(new Waiting(cause, detail));
        assertThat(PodReader.read(Optional.of(pod), Optional.empty())).isEqualTo(new Waiting(WaitCause.Creating, ""));
    }

    /** The words of the kubelet, Kubernetes 1.36: an image volume it cannot pull is a state of the container that mounts it. */
    @Test
    void aLaunchersImageThatCannotBePulledIsToldFromThePlugins() {
        String words = "Back-off pulling image \"corral.local/launcher@sha256:00\": ErrImagePull: not found";
        Pod pod = pod("containerStatuses: [{name: plugin, state: {waiting: {reason: ImagePullBackOff, message: '"
                + words + "'}}}]");
        pod.setSpec(new PodSpecBuilder()
                .addNewVolume()
                .withName("launcher")
                .withNewImage("IfNotPresent", "corral.local/launcher@sha256:00")
                .endVolume()
                .build());
        assertThat(PodReader.read(Optional.of(pod)))
                .isEqualTo(new Waiting(WaitCause.Image, "the launcher's image, the chart's images.launcher: " + words));
        assertThat(PodReader.read(Optional.of(
                        pod("containerStatuses: [{name: plugin, state: {waiting: {reason: ImagePullBackOff, message: '"
                                + words + "'}}}]"))))
                .as("a pod whose spec says nothing")
                .isEqualTo(new Waiting(WaitCause.Image, words));
        pod.getSpec().getVolumes().getFirst().getImage().setReference("corral.local/launcher@sha256:11");
        assertThat(PodReader.read(Optional.of(pod)))
                .as("another image than the launcher's")
                .isEqualTo(new Waiting(WaitCause.Image, words));
    }

    @Test
    void theContainerThatCopiesTheLauncherIsLookedAtFirst() {
        String main = "containerStatuses: [{name: plugin, state: {waiting: {reason: PodInitializing}}}]\n";
        Pod pod = pod(main + "initContainerStatuses: [{name: launcher, state: {waiting:"
                + " {reason: ErrImagePull, message: no corral.local/launcher@sha256:00}}}]");
        pod.setSpec(new PodSpecBuilder()
                .addNewInitContainer()
                .withName("launcher")
                .withImage("corral.local/launcher@sha256:00")
                .endInitContainer()
                .build());
        assertThat(PodReader.read(Optional.of(pod)))
                .isEqualTo(new Waiting(
                        WaitCause.Image,
                        "the launcher's image, the chart's images.launcher: no corral.local/launcher@sha256:00"));
        assertThat(read(main + "initContainerStatuses: [{name: launcher, state: {terminated: {exitCode: 0}}}]"))
                .as("copied")
                .isEqualTo(new Waiting(WaitCause.Creating, "PodInitializing"));
    }

    /** The Secret came late, and now a large image is pulled. */
    @Test
    void anOldComplaintOfTheKubeletIsOverOnceThePodHasASandbox() {
        String creating = "containerStatuses: [{name: plugin, state: {waiting: {reason: ContainerCreating}}}]\n";
        Optional<String> said = Optional.of("MountVolume.SetUp failed for volume \"secret-0\" : late");
        Map.of(
                        "True", new Waiting(WaitCause.Creating, "ContainerCreating"),
                        "False", new Waiting(WaitCause.Uncreatable, said.orElseThrow()))
                .forEach((sandbox, waiting) -> {
                    Pod pod = pod(
                            creating + "conditions: [{type: PodReadyToStartContainers, status: '" + sandbox + "'}]");
                    pod.setSpec(new PodSpecBuilder().build());
                    assertThat(PodReader.read(Optional.of(pod), said)).isEqualTo(waiting);
                });
    }

    @Test
    void anOldComplaintOfTheKubeletDoesNotHideThatThePodRuns() {
        assertThat(PodReader.read(
                        Optional.of(pod(RUNNING)),
                        Optional.of("MountVolume.SetUp failed for volume \"secret-0\" : late")))
                .isEqualTo(new Running());
    }
}
