package dev.corral.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer remembers of objects of which its listener keeps what it needs: which there are, in which versions. The listener is told of
 * each as it comes, not when the first list has ended. The client's own such store makes a map of the whole object, and an object of that again.
 */
final class VersionStore<T extends HasMetadata> implements ItemStore<T> {
    private record Version(String uid, String resourceVersion) {}

    private final Map<String, Version> versions = new ConcurrentHashMap<>();
    private final Supplier<T> empty;

    VersionStore(Supplier<T> empty) {
        this.empty = empty;
    }

    @Override
    public String getKey(T object) {
        return Cache.metaNamespaceKeyFunc(object);
    }

    @Override
    public @Nullable T put(String key, T object) {
        ObjectMeta metadata = object.getMetadata();
        return of(key, versions.put(key, new Version(metadata.getUid(), metadata.getResourceVersion())));
    }

    @Override
    public @Nullable T remove(String key) {
        return of(key, versions.remove(key));
    }

    @Override
    public @Nullable T get(String key) {
        return of(key, versions.get(key));
    }

    @Override
    public Stream<String> keySet() {
        return versions.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return versions.entrySet().stream().map(entry -> of(entry.getKey(), entry.getValue()));
    }

    @Override
    public int size() {
        return versions.size();
    }

    @Override
    public boolean isFullState() {
        return false;
    }

    private @Nullable T of(String key, @Nullable Version version) {
        if (version == null) {
            return null;
        }
        int slash = key.indexOf('/');
        ObjectMeta metadata = new ObjectMeta();
        metadata.setNamespace(slash < 0 ? null : key.substring(0, slash));
        metadata.setName(key.substring(slash + 1));
        metadata.setUid(version.uid());
        metadata.setResourceVersion(version.resourceVersion());
        T object = empty.get();
        object.setMetadata(metadata);
        return object;
    }
}
