package dev.corral.operator.spec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A map that forgets what was longest unused, so that strangers cannot make it grow. */
public final class Recent<K, V> {
    private final Map<K, V> entries;

    public Recent(int capacity) {
        // access order: an entry in use stays
        this.entries = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
                return size() > capacity;
            }
        };
    }

    public synchronized Optional<V> get(K key) {
        return Optional.ofNullable(entries.get(key));
    }

    public synchronized void put(K key, V value) {
        entries.put(key, value);
    }

    public synchronized void remove(K key) {
        entries.remove(key);
    }

    public synchronized void forget(Predicate<K> which) {
        entries.keySet().removeIf(which);
    }

    public synchronized int size() {
        return entries.size();
    }

    public synchronized V computeIfAbsent(K key, Function<K, V> make) {
        return entries.computeIfAbsent(key, make);
    }

    public synchronized void update(K key, V initial, UnaryOperator<V> change) {
        var before = entries.get(key);
        entries.put(key, change.apply(before == null ? initial : before));
    }
}
