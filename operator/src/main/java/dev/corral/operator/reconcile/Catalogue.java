package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds plugins: in a cache, and one that is too large for it by asking the API server. */
record Catalogue(Caches caches, Applier applier) {
    Optional<FoundPlugin> find(@Nullable PluginReference reference, String namespace) {
        return find(reference, namespace, applier::whole);
    }

    /** What the cache has of it, which of a large one is the image. */
    Optional<FoundPlugin> kept(@Nullable PluginReference reference, String namespace) {
        return find(reference, namespace, Optional::of);
    }

    private Optional<FoundPlugin> find(
            @Nullable PluginReference reference, String namespace, Function<Plugin, Optional<Plugin>> read) {
        if (reference == null) {
            return Optional.empty();
        }
        if (reference.clusterName() != null) {
            return caches.clusterPlugins()
                    .get(new ResourceID(reference.clusterName()))
                    .flatMap(found -> found("ClusterPlugin", found, found.getSpec()));
        }
        if (reference.name() == null) {
            return Optional.empty();
        }
        return caches.plugins()
                .get(new ResourceID(reference.name(), namespace))
                .flatMap(read)
                .flatMap(found -> found("Plugin", found, found.getSpec()));
    }

    private static Optional<FoundPlugin> found(String kind, HasMetadata object, @Nullable PluginSpec spec) {
        if (spec == null) {
            return Optional.empty();
        }
        Long generation = object.getMetadata().getGeneration();
        return Optional.of(new FoundPlugin(
                kind,
                object.getMetadata().getName(),
                object.getMetadata().getUid(),
                generation == null ? 0 : generation,
                spec));
    }
}
