package dev.corral.operator.cluster;

import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Reads a page of a list one object at a time: what caches keep slim is slim before the next one arrives. The client (Fabric8 7.8.0) would
 * keep the bytes of the whole page, twice, and make objects of all of it, before a {@link SlimStore} sees the first.
 */
final class SlimPages implements Interceptor {
    private static final Map<String, Slimming<?>> SLIM = Map.of(
            "/apis/corral.dev/v1alpha1/pluginexecutions", new Slimming<>(PluginExecution.class, Slim::of),
            "/apis/corral.dev/v1alpha1/plugins", new Slimming<>(Plugin.class, Slim::of),
            "/apis/corral.dev/v1alpha1/pluginpolicies", new Slimming<>(PluginPolicy.class, Slim::of),
            "/apis/corral.dev/v1alpha1/pluginpools", new Slimming<>(PluginPool.class, Slim::of),
            "/apis/networking.k8s.io/v1/networkpolicies",
                    new Slimming<>(GenericKubernetesResource.class, SlimPages::networkPolicy));

    private static final Slimming<?> OURS = new Slimming<>(NetworkPolicy.class, LaidPolicy::slim);
    /** Asked for with this, network policies are read as {@link LaidPolicy}. */
    private static final String SELECTOR = "labelSelector=" + OwnedLabels.MANAGED_BY + "=" + OwnedLabels.CORRAL;

    private final KubernetesSerialization serialization;

    SlimPages(KubernetesSerialization serialization) {
        this.serialization = serialization;
    }

    private record Slimming<T extends HasMetadata>(Class<T> type, UnaryOperator<T> slim) {
        byte[] apply(byte[] object, KubernetesSerialization serialization) {
            try {
                T whole = serialization.unmarshal(new ByteArrayInputStream(object), type);
                return serialization.asJson(slim.apply(whole)).getBytes(StandardCharsets.UTF_8);
            } catch (RuntimeException | StackOverflowError unreadable) {
                return object; // one object must not end the list for everybody; whoever reads the page finds the same
            }
        }
    }

    /** In a list of Kubernetes' own kinds, objects do not say what they are. */
    private static GenericKubernetesResource networkPolicy(GenericKubernetesResource policy) {
        policy.setApiVersion("networking.k8s.io/v1");
        policy.setKind("NetworkPolicy");
        return ForeignPolicy.slim(policy, OwnedLabels.EVERY_POD);
    }

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        URI uri = request.uri();
        List<String> query =
                List.of(Objects.requireNonNullElse(uri.getQuery(), "").split("&"));
        Slimming<?> kind = SLIM.get(uri.getPath());
        // pages are read for caches, and nothing else is
        if (kind == null || !request.method().equals("GET") || !query.contains("limit=" + SlimStore.PAGE)) {
            return consumer;
        }
        Slimming<?> slimming = query.contains(SELECTOR) ? OURS : kind;
        PageCut cut = new PageCut(object -> slimming.apply(object, serialization));
        return (arrived, body) -> {
            List<ByteBuffer> passes =
                    arrived.stream().map(cut::next).map(ByteBuffer::wrap).toList();
            consumer.consume(passes, body); // also of nothing, since whoever consumes asks for what comes next
        };
    }
}
