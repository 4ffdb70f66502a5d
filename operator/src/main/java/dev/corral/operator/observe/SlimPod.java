package dev.corral.operator.observe;

import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A plugin pod as caches keep it: what we wrote on it, what {@link PodReader} reads, and what it holds back on its node. Pods that ended
 * stay as long as somebody likes, and others annotate them.
 */
public final class SlimPod {
    private static final String OURS = "corral.dev/";

    private SlimPod() {}

    /** Whatever is decided of the pod is decided the same of this one. */
    public static Pod of(Pod whole) {
        PodStatus status = whole.getStatus();
        boolean ended = PodReader.hasEnded(whole);
        Pod slim = new Pod();
        slim.setMetadata(metadata(whole.getMetadata()));
        slim.setSpec(whole.getSpec() == null ? null : spec(whole.getSpec(), ended));
        slim.setStatus(status == null ? null : status(status, ended));
        return slim;
    }

    private static ObjectMeta metadata(ObjectMeta whole) {
        ObjectMeta slim = Slim.identity(whole);
        slim.setLabels(ours(whole.getLabels()));
        slim.setAnnotations(ours(whole.getAnnotations()));
        slim.setOwnerReferences(whole.getOwnerReferences().stream()
                .filter(owner -> String.valueOf(owner.getApiVersion()).startsWith(OURS))
                .<OwnerReference>toList());
        return slim;
    }

    private static Map<String, String> ours(@Nullable Map<String, String> all) {
        return all == null
                ? Map.of()
                : all.entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith(OURS))
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static PodSpec spec(PodSpec whole, boolean ended) {
        PodSpec slim = new PodSpec();
        slim.setContainers(whole.getContainers().stream()
                .map(container -> named(container, container.getResources()))
                .toList());
        if (!ended) { // nothing of it is waited for any more
            slim.setInitContainers(whole.getInitContainers().stream()
                    .map(copy -> new ContainerBuilder(named(copy, null))
                            .withImage(copy.getImage())
                            .build())
                    .toList());
            slim.setVolumes(whole.getVolumes().stream()
                    .filter(volume -> volume.getImage() != null || volume.getProjected() != null)
                    .map(SlimPod::volume)
                    .toList());
        }
        return slim;
    }

    private static Container named(Container whole, @Nullable ResourceRequirements resources) {
        Container slim = new Container();
        slim.setName(whole.getName());
        if (resources != null) {
            slim.setResources(new ResourceRequirementsBuilder()
                    .withRequests(resources.getRequests())
                    .build());
        }
        return slim;
    }

    private static Volume volume(Volume whole) {
        Volume slim = new Volume();
        slim.setName(whole.getName());
        slim.setImage(whole.getImage());
        return whole.getProjected() == null
                ? slim
                : new VolumeBuilder(slim)
                        .withNewProjected()
                        .withSources(whole.getProjected().getSources().stream()
                                .filter(source -> source.getSecret() != null)
                                .map(SlimPod::secret)
                                .toList())
                        .endProjected()
                        .build();
    }

    private static VolumeProjection secret(VolumeProjection whole) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(whole.getSecret().getName())
                .endSecret()
                .build();
    }

    private static PodStatus status(PodStatus whole, boolean ended) {
        PodStatus slim = new PodStatus();
        slim.setPhase(whole.getPhase());
        slim.setReason(whole.getReason());
        slim.setMessage(whole.getMessage());
        slim.setConditions(whole.getConditions().stream()
                .map(condition -> condition(condition, ended))
                .toList());
        slim.setContainerStatuses(containers(whole.getContainerStatuses()));
        slim.setInitContainerStatuses(containers(whole.getInitContainerStatuses()));
        return slim;
    }

    /** The messages are the evidence, by which a pod is claimed, and why it does not start. */
    private static PodCondition condition(PodCondition whole, boolean ended) {
        PodCondition slim = new PodCondition();
        slim.setType(whole.getType());
        slim.setStatus(whole.getStatus());
        slim.setReason(whole.getReason());
        slim.setMessage(ended ? null : whole.getMessage());
        slim.setLastTransitionTime(whole.getLastTransitionTime());
        return slim;
    }

    private static List<ContainerStatus> containers(List<ContainerStatus> all) {
        return all.stream()
                .map(whole -> {
                    ContainerStatus slim = new ContainerStatus();
                    slim.setName(whole.getName());
                    slim.setImageID(whole.getImageID());
                    slim.setState(whole.getState());
                    return slim;
                })
                .toList();
    }
}
