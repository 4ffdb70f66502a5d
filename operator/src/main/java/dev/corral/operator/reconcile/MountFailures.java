package dev.corral.operator.reconcile;

import dev.corral.operator.reconcile.Caches.Cache;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What kubelets said last of the volumes that our pods wait for. Whoever may write Events in a namespace may say the same, of any pod, as
 * often and as long as they like: so one word is kept of each pod that is there, and its beginning.
 */
final class MountFailures {
    private static final int LONGEST = 1024;
    /** Of one namespace; a pool has at most as many pods that wait. */
    private static final int MOST = 1000;

    private final Map<String, Map<String, Said>> namespaces = new HashMap<>();

    /** {@code at}, as Kubernetes writes it: the later, the greater. */
    private record Said(String at, String words) {}

    /** Whether it says something new of a pod that is there. */
    synchronized boolean heard(Event event, Cache<Pod> pods) {
        Optional<Pod> pod = pod(event, pods);
        if (pod.isEmpty() || event.getMessage() == null || event.getLastTimestamp() == null) {
            return false;
        }
        Map<String, Said> ofNamespace =
                namespaces.computeIfAbsent(pod.get().getMetadata().getNamespace(), namespace -> new Bounded());
        String uid = pod.get().getMetadata().getUid();
        Said before = ofNamespace.get(uid);
        if (before != null && before.at().compareTo(event.getLastTimestamp()) > 0) {
            return false;
        }
        String words = event.getMessage()
                .substring(0, Math.min(LONGEST, event.getMessage().length()));
        ofNamespace.put(uid, new Said(event.getLastTimestamp(), words));
        return before == null || !before.words().equals(words);
    }

    /** The pod an Event is about: the very one, not another that had its name. */
    static Optional<Pod> pod(Event event, Cache<Pod> pods) {
        return Optional.ofNullable(event.getInvolvedObject())
                .filter(about -> about.getName() != null)
                .flatMap(about -> pods.get(new ResourceID(
                                about.getName(), event.getMetadata().getNamespace()))
                        .filter(pod -> pod.getMetadata().getUid().equals(about.getUid())));
    }

    /** The kubelet repeats it while it fails in the same way, so this is what holds the pod up now. */
    synchronized Optional<String> of(Pod pod) {
        return Optional.ofNullable(namespaces.get(pod.getMetadata().getNamespace()))
                .map(ofNamespace -> ofNamespace.get(pod.getMetadata().getUid()))
                .map(Said::words);
    }

    /** It has ended, or is about to. */
    synchronized void forget(Pod pod) {
        namespaces.computeIfPresent(pod.getMetadata().getNamespace(), (namespace, ofNamespace) -> {
            ofNamespace.remove(pod.getMetadata().getUid());
            return ofNamespace.isEmpty() ? null : ofNamespace;
        });
    }

    /** Lets go what has been there longest. */
    private static final class Bounded extends LinkedHashMap<String, Said> {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Said> eldest) {
            return size() > MOST;
        }
    }
}
