package dev.corral.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.UnaryOperator;

/** What an informer remembers: of each object what {@code keeps} makes of it. */
public final class SlimStore<T extends HasMetadata> extends BasicItemStore<T> {
    /** Objects to list at a time: until it is slim each takes up to 1.5 MiB of JSON, which is the API server's bound, and the tree made of it. */
    public static final long PAGE = 25;

    private final UnaryOperator<T> keeps;

    public SlimStore(UnaryOperator<T> keeps) {
        super(Cache::metaNamespaceKeyFunc);
        this.keeps = keeps;
    }

    @Override
    public T put(String key, T object) {
        return super.put(key, keeps.apply(object));
    }
}
