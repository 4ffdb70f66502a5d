package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.gateway.Caller;
import dev.corral.operator.gateway.ClusterUnavailable;
import dev.corral.operator.gateway.GatewayCluster;
import dev.corral.operator.gateway.ServingMaterial;
import dev.corral.operator.tls.Material;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The gateway's way to the API server: reviews, reads, one condition, one part of a status, Events. */
public final class GatewayAccess implements GatewayCluster {
    /** The gateway's field manager. */
    public static final String FIELD_MANAGER = "corral-gateway";

    private static final long RESYNC_MILLIS = 0;
    private static final long SYNC_SECONDS = 60;
    private final KubernetesClient client;
    private final String namespace;
    private final PluginPodNames podNames;
    private volatile @Nullable SharedIndexInformer<PluginExecution> informer;

    public GatewayAccess(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
        this.podNames = new PluginPodNames(client);
    }

    @Override
    public Optional<Caller> authenticate(String token, String audience) {
        TokenReview review = asking(() -> client.resource(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(token)
                        .withAudiences(audience)
                        .endSpec()
                        .build())
                .create());
        var status = review.getStatus();
        boolean good = status != null
                && Boolean.TRUE.equals(status.getAuthenticated())
                && status.getAudiences() != null
                && status.getAudiences().contains(audience);
        if (!good || status.getUser() == null) {
            return Optional.empty();
        }
        Map<String, List<String>> extra = status.getUser().getExtra();
        return Optional.of(new Caller(
                status.getUser().getUsername(),
                status.getUser().getUid() == null ? "" : status.getUser().getUid(),
                status.getUser().getGroups() == null
                        ? List.of()
                        : status.getUser().getGroups(),
                extra == null ? Map.of() : extra));
    }

    @Override
    public boolean mayReadArtifacts(Caller caller, String inNamespace, String execution) {
        SubjectAccessReview review = asking(() -> client.resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser(caller.username())
                        .withUid(caller.uid())
                        .withGroups(caller.groups())
                        .withExtra(caller.extra())
                        .withNewResourceAttributes()
                        .withVerb("get")
                        .withGroup("corral.dev")
                        .withResource("pluginexecutions")
                        .withSubresource("artifacts")
                        .withNamespace(inNamespace)
                        .withName(execution)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create());
        return review.getStatus() != null
                && Boolean.TRUE.equals(review.getStatus().getAllowed());
    }

    @Override
    public Optional<Pod> pod(String inNamespace, String name) {
        return asking(() -> Optional.ofNullable(
                client.pods().inNamespace(inNamespace).withName(name).get()));
    }

    @Override
    public Optional<Pod> pluginPod(String uid) {
        return asking(() -> podNames.of(uid))
                .flatMap(found -> pod(found.namespace(), found.name()))
                .filter(pod -> uid.equals(pod.getMetadata().getUid()));
    }

    @Override
    public boolean setCondition(Pod asRead, PodCondition condition) {
        Pod patch = new PodBuilder()
                .withNewMetadata()
                .withName(asRead.getMetadata().getName())
                .withNamespace(asRead.getMetadata().getNamespace())
                .withUid(asRead.getMetadata().getUid())
                .withResourceVersion(asRead.getMetadata().getResourceVersion())
                .endMetadata()
                .withNewStatus()
                .withConditions(condition)
                .endStatus()
                .build();
        // strategic merge: conditions are merged by type, so the kubelet's stay
        return written(() -> client.pods()
                .resource(patch)
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch));
    }

    @Override
    public Optional<PluginExecution> execution(String inNamespace, String name) {
        return asking(() -> Optional.ofNullable(client.resources(PluginExecution.class)
                .inNamespace(inNamespace)
                .withName(name)
                .get()));
    }

    @Override
    public boolean applyReport(PluginExecution asRead, RunReport report) {
        PluginExecution body = new PluginExecution();
        body.setMetadata(new ObjectMetaBuilder()
                .withName(asRead.getMetadata().getName())
                .withNamespace(asRead.getMetadata().getNamespace())
                .withUid(asRead.getMetadata().getUid())
                .withResourceVersion(asRead.getMetadata().getResourceVersion())
                .build());
        body.setStatus(PluginExecutionStatus.reported(report));
        return written(() -> client.resource(body).subresource("status").patch(ServerSideApply.by(FIELD_MANAGER)));
    }

    @Override
    public boolean publish(Event event) {
        try {
            client.resource(event).create();
            return true;
        } catch (KubernetesClientException failure) {
            return switch (ClusterErrors.kind(failure)) {
                case Conflict -> true;
                case Absent, Refused -> false;
                case Transient -> throw new ClusterUnavailable(ClusterErrors.words(failure), failure);
            };
        }
    }

    @Override
    public Optional<byte[]> configMapValue(String inNamespace, String name, String key) {
        ConfigMap map = asking(() -> Optional.ofNullable(client.configMaps()
                        .inNamespace(inNamespace)
                        .withName(name)
                        .get()))
                .orElseGet(ConfigMap::new);
        if (map.getData() != null && map.getData().get(key) != null) {
            return Optional.of(map.getData().get(key).getBytes(StandardCharsets.UTF_8));
        }
        return map.getBinaryData() == null
                ? Optional.empty()
                : Optional.ofNullable(map.getBinaryData().get(key))
                        .map(encoded -> Base64.getDecoder().decode(encoded));
    }

    @Override
    public Optional<PluginSpec> plugin(String inNamespace, String kind, String name) {
        return asking(() -> "ClusterPlugin".equals(kind)
                ? Optional.ofNullable(client.resources(ClusterPlugin.class)
                                .withName(name)
                                .get())
                        .map(ClusterPlugin::getSpec)
                : Optional.ofNullable(client.resources(Plugin.class)
                                .inNamespace(inNamespace)
                                .withName(name)
                                .get())
                        .map(Plugin::getSpec));
    }

    @Override
    public Optional<ServingMaterial> servingMaterial() {
        Map<String, String> serving = secret(Material.SERVING_SECRET);
        Map<String, String> session = secret(Material.SESSION_SECRET);
        // read as the controller reads them: what it would make anew is not there yet
        Material.Existing existing = Material.read(Map.of(), serving, session);
        return existing.serving()
                .flatMap(pair -> existing.sessionKey()
                        .map(key -> new ServingMaterial(
                                pair.certificate(), pair.key(), HexFormat.of().parseHex(key))));
    }

    private Map<String, String> secret(String name) {
        Secret secret = asking(() -> Optional.ofNullable(
                        client.secrets().inNamespace(namespace).withName(name).get()))
                .orElseGet(Secret::new);
        Map<String, String> decoded = new HashMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            decoded.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        return decoded;
    }

    @Override
    public void watch(ExecutionListener listener) {
        CompletableFuture<Void> told = new CompletableFuture<>();
        SharedIndexInformer<PluginExecution> starting = client.resources(PluginExecution.class)
                .inAnyNamespace()
                .withLimit(SlimStore.PAGE)
                .runnableInformer(RESYNC_MILLIS)
                // the listener keeps what it needs; the informer only what it needs to find deletions
                .itemStore(new VersionStore<>(PluginExecution::new))
                // once it ran it never gives up: an object that cannot be read must not end the watch for good
                .exceptionHandler((started, failure) -> started);
        starting.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(PluginExecution execution) {
                tell(listener, execution);
            }

            @Override
            public void onUpdate(PluginExecution before, PluginExecution now) {
                tell(listener, now);
            }

            @Override
            public void onDelete(PluginExecution execution, boolean unknown) {
                var metadata = execution.getMetadata();
                listener.gone(metadata.getNamespace(), metadata.getName(), metadata.getUid());
            }

            @Override
            public void onList(String resourceVersion, boolean remained) {
                told.complete(null);
            }
        });
        informer = starting;
        try {
            FirstList.STANDARD.await(starting, "pluginexecutions.corral.dev");
            told.get(SYNC_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new ClusterUnavailable("interrupted while listing executions", stop);
        } catch (ExecutionException | TimeoutException late) {
            throw new ClusterUnavailable("executions could not be listed", late);
        }
    }

    /** What another installation has is, to this gateway, not there: neither for launchers nor for readers. */
    private void tell(ExecutionListener listener, PluginExecution execution) {
        var status = execution.getStatus();
        var metadata = execution.getMetadata();
        if (status == null || status.installation() == null || namespace.equals(status.installation())) {
            listener.changed(execution);
        } else {
            listener.gone(metadata.getNamespace(), metadata.getName(), metadata.getUid());
        }
    }

    @Override
    public boolean watching() {
        var running = informer;
        // a watch that reconnects is alive; only one that has given up is not
        return running != null && running.isRunning();
    }

    private static boolean written(Runnable write) {
        try {
            write.run();
            return true;
        } catch (KubernetesClientException failure) {
            return switch (ClusterErrors.kind(failure)) {
                case Conflict, Absent -> false;
                case Refused, Transient -> throw new ClusterUnavailable(ClusterErrors.words(failure), failure);
            };
        }
    }

    private static <T> T asking(Supplier<T> question) {
        try {
            return question.get();
        } catch (KubernetesClientException failure) {
            throw new ClusterUnavailable(ClusterErrors.words(failure), failure);
        }
    }
}
