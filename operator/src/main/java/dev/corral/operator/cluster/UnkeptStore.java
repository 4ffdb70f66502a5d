package dev.corral.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer remembers of objects of which {@code heard} keeps what there is to keep: nothing. {@code heard} says of each whether it
 * is news, and is asked while the first list is still being read: what the informer passes on waits in memory until the list has ended.
 */
public final class UnkeptStore<T extends HasMetadata> implements ItemStore<T> {
    /** One for all: the informer indexes keys, also of what is not kept, and forgets them with what is. */
    private static final String KEY = "";

    private final Predicate<T> heard;

    public UnkeptStore(Predicate<T> heard) {
        this.heard = heard;
    }

    @Override
    public String getKey(T object) {
        return KEY;
    }

    /** What was there before, in that version, is passed on to nobody. */
    @Override
    public @Nullable T put(String key, T object) {
        return heard.test(object) ? null : object;
    }

    @Override
    public @Nullable T remove(String key) {
        return null;
    }

    @Override
    public Stream<String> keySet() {
        return Stream.empty();
    }

    @Override
    public Stream<T> values() {
        return Stream.empty();
    }

    @Override
    public int size() {
        return 0;
    }

    @Override
    public @Nullable T get(String key) {
        return null;
    }
}
