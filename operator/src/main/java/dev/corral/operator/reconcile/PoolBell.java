package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.operator.decide.Pools;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tells the loop of the pools of what the informers of the executions' loop saw: there is one set of informers. */
final class PoolBell {
    private final SimpleInboundEventSource<PluginPool> source = new SimpleInboundEventSource<>("bell");
    private volatile Supplier<Stream<PluginPool>> pools = Stream::empty;

    SimpleInboundEventSource<PluginPool> source() {
        return source;
    }

    void knows(Supplier<Stream<PluginPool>> all) {
        pools = all;
    }

    /** A pod concerns the pool it was made by; a plugin, policy or namespace all pools that it may decide about. */
    void heardOf(HasMetadata object) {
        if (object instanceof Pod) {
            pool(object)
                    .ifPresent(ref -> ring(
                            new ResourceID(ref.substring(ref.indexOf('/') + 1), ref.substring(0, ref.indexOf('/')))));
            return;
        }
        String namespace = object.getMetadata().getNamespace();
        pools.get()
                .filter(pool ->
                        namespace == null || namespace.equals(pool.getMetadata().getNamespace()))
                .map(ResourceID::fromResource)
                .forEach(this::ring);
    }

    /** The classes that pools of the namespace keep; a pool that keeps none counts, by an empty name. */
    Set<String> classes(String namespace) {
        return pools.get()
                .filter(pool -> namespace.equals(pool.getMetadata().getNamespace()))
                .flatMap(pool -> {
                    Set<String> kept = Pools.kept(pool.getStatus());
                    return kept.isEmpty() ? Stream.of("") : kept.stream();
                })
                .collect(Collectors.toUnmodifiableSet());
    }

    private void ring(ResourceID pool) {
        if (source.isRunning()) {
            source.propagateEvent(pool);
        }
    }

    /** Namespace and name of the pool that made a pod. */
    static Optional<String> pool(HasMetadata pod) {
        return Optional.ofNullable(pod.getMetadata().getAnnotations())
                .map(all -> all.get(OwnedLabels.POOL))
                .map(name -> pod.getMetadata().getNamespace() + "/" + name);
    }
}
