package dev.corral.operator.gateway;

import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes each namespace has in a store: what is referred to, as it was counted last and as it grew since, and what is on its way.
 * Nothing is taken off in between, nor is what two namespaces keep as one: the next count puts that right.
 */
final class Holdings {
    private final Map<String, Long> kept = new HashMap<>();
    private final Map<String, Long> arriving = new HashMap<>();

    /** So many bytes more come in for the namespace; the answer is how many it has then. */
    synchronized long arrive(String namespace, long bytes) {
        return arriving.merge(namespace, bytes, Long::sum) + kept.getOrDefault(namespace, 0L);
    }

    /** So many have arrived, or were given up, and so many of them the store keeps as new ones. */
    synchronized void settle(String namespace, long arrived, long keeps) {
        add(arriving, namespace, -arrived);
        add(kept, namespace, keeps);
    }

    synchronized Map<String, Long> kept() {
        return Map.copyOf(kept);
    }

    /** What a count found; what was kept since it began may be in it or not, so it is added. */
    synchronized void counted(Map<String, Long> found, Map<String, Long> before) {
        kept.replaceAll((namespace, bytes) -> bytes - before.getOrDefault(namespace, 0L));
        found.forEach((namespace, bytes) -> add(kept, namespace, bytes));
        kept.values().removeIf(bytes -> bytes == 0);
    }

    private static void add(Map<String, Long> to, String namespace, long bytes) {
        to.merge(namespace, bytes, Long::sum);
        to.remove(namespace, 0L);
    }
}
