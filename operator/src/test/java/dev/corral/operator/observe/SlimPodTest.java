package dev.corral.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** That the same is decided of it, the tests of the deciders say: they decide of pods as they are cached. */
class SlimPodTest {
    private static final String LARGE = "x".repeat(100_000);

    /** Whoever may write to a namespace may annotate its pods, and what a pod is made of may be granted in any length. */
    @Test
    void ofALargePodLittleIsKept() {
        var kept = SlimPod.of(Serialization.unmarshal("""
                metadata:
                  name: pex-1
                  namespace: team-a
                  uid: u
                  labels: {corral.dev/sandbox-class: c, large: %1$s}
                  annotations: {corral.dev/plan: p, large: %1$s}
                  ownerReferences:
                    - {apiVersion: corral.dev/v1alpha1, kind: PluginExecution, name: check, uid: e, controller: true}
                    - {apiVersion: x.dev/v1, kind: X, name: %1$s, uid: x}
                spec:
                  containers:
                    - name: plugin
                      env: [{name: CORRAL_CA, value: %1$s}]
                      resources: {requests: {cpu: 50m}}
                  volumes:
                    - {name: launcher, image: {reference: 'images.example/launcher:1'}}
                    - {name: work, emptyDir: {}}
                    - {name: secret-0, projected: {sources: [{secret: {name: vault, items: [{key: k, path: %1$s}]}}, {serviceAccountToken: {path: t}}]}}
                status: {phase: Pending, hostIP: 10.0.0.1}
                """.formatted(LARGE), Pod.class));

        assertThat(kept).isEqualTo(Serialization.unmarshal("""
                metadata:
                  name: pex-1
                  namespace: team-a
                  uid: u
                  labels: {corral.dev/sandbox-class: c}
                  annotations: {corral.dev/plan: p}
                  ownerReferences:
                    - {apiVersion: corral.dev/v1alpha1, kind: PluginExecution, name: check, uid: e, controller: true}
                spec:
                  containers: [{name: plugin, resources: {requests: {cpu: 50m}}}]
                  volumes:
                    - {name: launcher, image: {reference: 'images.example/launcher:1'}}
                    - {name: secret-0, projected: {sources: [{secret: {name: vault}}]}}
                status: {phase: Pending}
                """, Pod.class));
        assertThat(SlimPod.of(kept)).isEqualTo(kept);
    }

    /** Those that ended are many. How they did is kept, and the report that the launcher left. */
    @Test
    void ofOneThatEndedItIsLess() {
        var ended = Serialization.unmarshal("""
                metadata: {name: pex-1, namespace: team-a}
                spec:
                  initContainers: [{name: launcher, image: 'images.example/launcher:1'}]
                  containers: [{name: plugin}]
                  volumes: [{name: launcher, image: {reference: 'images.example/launcher:1'}}]
                status:
                  phase: Failed
                  reason: Evicted
                  message: 'The node was low on resource: memory.'
                  conditions: [{type: corral.dev/SandboxVerified, status: 'True', message: evidence}]
                  containerStatuses:
                    - {name: plugin, imageID: 'images.example/check@sha256:1', state: {terminated: {exitCode: 137, message: sealed}}}
                """, Pod.class);

        var kept = SlimPod.of(ended);

        assertThat(PodReader.read(Optional.of(kept))).isEqualTo(PodReader.read(Optional.of(ended)));
        assertThat(PodReader.interruption(kept)).isEqualTo(PodReader.interruption(ended));
        assertThat(PodReader.imageID(kept)).isEqualTo(PodReader.imageID(ended));
        assertThat(kept.getSpec().getVolumes()).isEmpty();
        assertThat(kept.getSpec().getInitContainers()).isEmpty();
        assertThat(kept.getStatus().getConditions())
                .singleElement()
                .satisfies(condition -> assertThat(condition.getMessage()).isNull());
        assertThat(kept.getStatus().getContainerStatuses())
                .singleElement()
                .satisfies(container -> assertThat(
                                container.getState().getTerminated().getMessage())
                        .isEqualTo("sealed"));
    }
}
