package dev.corral.operator.gateway;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * How many bytes a store has, and each namespace in it: what is referred to, as it was counted last and as it grew since, and what is on its
 * way. Nothing of that is taken off in between, nor is what two namespaces keep as one: the next count puts that right.
 */
final class Holdings {
    /** Has what a store finds when it is opened, until the first count. No namespace is called so. */
    static final String UNCOUNTED = "?";

    private final long limit;
    private final Map<String, Long> kept = new HashMap<>();
    private final Map<String, Long> arriving = new HashMap<>();
    private long blobs; // also of what is on its way, and of what nothing refers to any more
    private long references;

    Holdings(long limit) {
        this.limit = limit;
    }

    /** What a count finds: of each namespace blobs and references, and all references together. */
    record Count(Map<String, Long> kept, long references) {
        Count {
            kept = Map.copyOf(kept);
        }
    }

    synchronized long used() {
        return blobs + references;
    }

    /** There is more of blobs, or less. */
    synchronized void blobs(long bytes) {
        blobs += bytes;
    }

    /**
     * So many bytes more come in for the namespace; they are taken, and must be settled, also when there is no room for them. What nobody has
     * counted yet may be all its own: it waits for the count where there would be none then.
     */
    synchronized void take(String namespace, long bytes) throws ArtifactStore.Full, IOException {
        blobs += bytes;
        var held = arriving.merge(namespace, bytes, Long::sum) + kept.getOrDefault(namespace, 0L);
        if (!FairShare.allows(held, limit - used())) {
            throw new ArtifactStore.Full();
        }
        if (!FairShare.allows(held + kept.getOrDefault(UNCOUNTED, 0L), limit - used())) {
            throw new IOException("what each namespace has in the store is still being counted");
        }
    }

    /** So many have arrived, or were given up, and so many of them the store keeps as new ones. */
    synchronized void settle(String namespace, long taken, long blob, long reference) {
        blobs += blob - taken;
        references += reference;
        add(arriving, namespace, -taken);
        add(kept, namespace, blob + reference);
    }

    synchronized Count now() {
        return new Count(kept, references);
    }

    /** What a count found; what was kept since it began may be in it or not, so it is added. */
    synchronized void counted(Count found, Count before) {
        references += found.references() - before.references();
        kept.replaceAll((namespace, bytes) -> bytes - before.kept().getOrDefault(namespace, 0L));
        found.kept().forEach((namespace, bytes) -> add(kept, namespace, bytes));
        kept.values().removeIf(bytes -> bytes == 0);
    }

    private static void add(Map<String, Long> to, String namespace, long bytes) {
        to.merge(namespace, bytes, Long::sum);
        to.remove(namespace, 0L);
    }
}
