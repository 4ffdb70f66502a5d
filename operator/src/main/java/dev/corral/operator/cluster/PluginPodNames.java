package dev.corral.operator.cluster;

import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where plugin pods are, by uid, which the API server finds nothing by. All launchers of a cluster ask at once when a gateway has started
 * anew: one list, in pages, answers all of them, and of each pod only its name is kept.
 */
final class PluginPodNames {
    private final KubernetesClient client;
    /** Lists are counted; of one that failed the number is never that of a whole one. */
    private final AtomicInteger begun = new AtomicInteger();

    private int whole;
    private Map<String, Name> names = Map.of();

    record Name(String namespace, String name) {}

    PluginPodNames(KubernetesClient client) {
        this.client = client;
    }

    /** Lists only where no list that began after the question is there to answer it. */
    Optional<Name> of(String uid) {
        int before = begun.get();
        synchronized (this) {
            if (!names.containsKey(uid) && whole <= before) {
                int number = begun.incrementAndGet();
                names = list();
                whole = number;
            }
            return Optional.ofNullable(names.get(uid));
        }
    }

    private Map<String, Name> list() {
        Map<String, Name> found = new HashMap<>();
        String next = null;
        do {
            PodList page = page(next);
            for (Pod pod : page.getItems()) {
                found.put(
                        pod.getMetadata().getUid(),
                        new Name(
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName()));
            }
            next = page.getMetadata() == null ? null : page.getMetadata().getContinue();
        } while (next != null && !next.isEmpty());
        return found;
    }

    private PodList page(@Nullable String next) {
        return client.pods()
                .inAnyNamespace()
                .withLabel(OwnedLabels.PLUGIN_POD, "true")
                .list(new ListOptionsBuilder()
                        .withLimit(SlimStore.PAGE)
                        .withContinue(next)
                        .build());
    }
}
