package dev.corral.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import java.util.function.UnaryOperator;

/** What an informer remembers: of each object what {@code keeps} makes of it. */
public final class SlimStore<T extends HasMetadata> extends BasicItemStore<T> {
    /** Objects to list at a time, of which {@link SlimPages} lets some 16 KiB of each into memory; one at a time is read whole. */
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
