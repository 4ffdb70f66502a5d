package dev.corral.operator.reconcile;

import dev.corral.operator.reconcile.Caches.Cache;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** A cache that shows what a test puts into the collection. */
record Shown<T extends HasMetadata>(Collection<T> all) implements Cache<T> {
    @Override
    public Optional<T> get(ResourceID id) {
        return all.stream()
                .filter(object -> ResourceID.fromResource(object).equals(id))
                .findFirst();
    }

    @Override
    public List<T> waiting(String namespace) {
        return List.of();
    }

    @Override
    public List<T> ofPool(String pool) {
        return List.of();
    }

    @Override
    public List<T> ofExecution(String uid) {
        return List.of();
    }
}
