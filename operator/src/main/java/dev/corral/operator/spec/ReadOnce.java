package dev.corral.operator.spec;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What was read from an object, for as long as the same instance comes again: a cache hands it out until it has changed. With a thousand
 * policies, reading all of them anew was most of each decision.
 */
final class ReadOnce<T extends HasMetadata, R> {
    /** Beyond it everything is read anew: a bound against names that come and go. */
    private static final int CAPACITY = 20_000;

    private record Entry<T, R>(T object, R result) {}

    private final Function<T, R> read;
    private final Map<String, Entry<T, R>> entries = new ConcurrentHashMap<>();

    /** {@code read}: depends on nothing but the object. */
    ReadOnce(Function<T, R> read) {
        this.read = read;
    }

    R of(T object) {
        String uid = object.getMetadata() == null ? null : object.getMetadata().getUid();
        if (uid == null) {
            return read.apply(object);
        }
        Entry<T, R> known = entries.get(uid);
        if (known != null && known.object() == object) {
            return known.result();
        }
        if (entries.size() >= CAPACITY) {
            entries.clear();
        }
        R result = read.apply(object);
        entries.put(uid, new Entry<>(object, result));
        return result;
    }
}
