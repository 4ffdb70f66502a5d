package dev.corral.operator.cluster;

import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GroupVersionForDiscovery;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Network policies of others, of every kind this cluster has that could open what ours close: one watch per kind. Which kinds there are
 * is asked again every few seconds, so that a network plugin may come later.
 */
public final class ForeignPolicies implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ForeignPolicies.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final String KUBERNETES = "networking.k8s.io";
    /** Kinds by API group. Each name is plural, as the chart's RBAC has it. */
    private static final Map<String, Set<String>> WANTED = Map.of(
            "networking.k8s.io", Set.of("networkpolicies"),
            "cilium.io", Set.of("ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"),
            "crd.projectcalico.org", Set.of("networkpolicies", "globalnetworkpolicies"),
            "projectcalico.org", Set.of("networkpolicies", "globalnetworkpolicies"),
            "policy.networking.k8s.io", Set.of("adminnetworkpolicies", "clusternetworkpolicies"));

    private final KubernetesClient client;
    private final Duration look;
    private final FirstList firstList;
    private final Map<ResourceDefinition, SharedIndexInformer<GenericKubernetesResource>> watched =
            new ConcurrentHashMap<>();
    private volatile boolean told;
    private Optional<ScheduledExecutorService> looking = Optional.empty();

    private record ResourceDefinition(String group, String version, String plural, String kind, boolean namespaced) {}

    public ForeignPolicies(KubernetesClient client) {
        this(client, LOOK, FirstList.STANDARD);
    }

    ForeignPolicies(KubernetesClient client, Duration look, FirstList firstList) {
        this.client = client;
        this.look = look;
        this.firstList = firstList;
    }

    /** Returns when every kind there is has been listed; {@code changed} then hears of each change, with the namespace it is in, if any. */
    public synchronized void start(Consumer<Optional<String>> whoListens) {
        Consumer<Optional<String>> changed = namespace -> {
            if (told) {
                whoListens.accept(namespace);
            }
        };
        look(changed);
        told = true; // before that nobody has decided anything
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("foreign-policies").factory());
        timer.scheduleWithFixedDelay(
                () -> {
                    // whatever came out of here would end the timer, and nobody would hear of it
                    try {
                        look(changed);
                    } catch (RuntimeException failed) {
                        log.atWarn()
                                .addKeyValue("answer", words(failed))
                                .log("kinds of network policies not looked for; trying again");
                    }
                },
                look.toMillis(),
                look.toMillis(),
                TimeUnit.MILLISECONDS);
        looking = Optional.of(timer);
    }

    /** Policies of that namespace and of the whole cluster. */
    public Collection<GenericKubernetesResource> concerning(String namespace) {
        List<GenericKubernetesResource> found = new ArrayList<>();
        watched.values()
                .forEach(informer -> informer.getStore().list().stream()
                        .filter(policy -> policy.getMetadata().getNamespace() == null
                                || namespace.equals(policy.getMetadata().getNamespace()))
                        .forEach(found::add));
        return found;
    }

    private void look(Consumer<Optional<String>> changed) {
        Set<ResourceDefinition> there = there();
        for (ResourceDefinition known : watched.keySet()) {
            if (!there.contains(known)) {
                watched.remove(known).stop();
                changed.accept(Optional.empty());
            }
        }
        for (ResourceDefinition kind : there) {
            if (!watched.containsKey(kind) && tolerably(kind.group(), () -> watched.put(kind, watch(kind, changed)))) {
                changed.accept(Optional.empty());
            }
        }
    }

    /** A network plugin whose API does not answer must not stop the controller; Kubernetes' own policies must be known. */
    private static boolean tolerably(String group, Runnable question) {
        try {
            question.run();
            return true;
        } catch (RuntimeException failed) {
            if (group.equals(KUBERNETES)) {
                throw failed;
            }
            log.atWarn()
                    .addKeyValue("group", group)
                    .addKeyValue("answer", words(failed))
                    .log("network policies of others not read; trying again");
            return false;
        }
    }

    private static String words(RuntimeException failed) {
        return failed instanceof KubernetesClientException answer ? ClusterErrors.words(answer) : failed.toString();
    }

    /** The client says null for 404, which is no answer: what a list names may not be served yet, or not any more. */
    private static <T> T answered(@Nullable T answer, String asked) {
        if (answer == null) {
            throw new KubernetesClientException("nothing found at " + asked);
        }
        return answer;
    }

    /** What the cluster serves of what is wanted, each kind in the first version that is served. */
    private Set<ResourceDefinition> there() {
        Map<String, ResourceDefinition> found = new TreeMap<>();
        for (APIGroup group : answered(client.getApiGroups(), "/apis").getGroups()) {
            Set<String> wanted = WANTED.getOrDefault(group.getName(), Set.of());
            if (!wanted.isEmpty()) {
                group.getVersions().forEach(version -> find(group.getName(), version, wanted, found));
            }
        }
        return Set.copyOf(found.values());
    }

    private void find(
            String group, GroupVersionForDiscovery version, Set<String> wanted, Map<String, ResourceDefinition> found) {
        String asked = version.getGroupVersion();
        boolean heard = tolerably(
                group,
                () -> answered(client.getApiResources(asked), "/apis/" + asked).getResources().stream()
                        .filter(resource -> wanted.contains(resource.getName()))
                        .map(resource -> definition(group, version.getVersion(), resource))
                        .forEach(kind -> found.putIfAbsent(kind.group() + "/" + kind.plural(), kind)));
        if (!heard) {
            // no answer is no word that they are gone
            watched.keySet().stream()
                    .filter(kind -> kind.group().equals(group))
                    .forEach(kind -> found.putIfAbsent(kind.group() + "/" + kind.plural(), kind));
        }
    }

    private static ResourceDefinition definition(String group, String version, APIResource resource) {
        return new ResourceDefinition(
                group, version, resource.getName(), resource.getKind(), Boolean.TRUE.equals(resource.getNamespaced()));
    }

    private SharedIndexInformer<GenericKubernetesResource> watch(
            ResourceDefinition kind, Consumer<Optional<String>> changed) {
        SharedIndexInformer<GenericKubernetesResource> informer = client.genericKubernetesResources(
                        new ResourceDefinitionContext.Builder()
                                .withGroup(kind.group())
                                .withVersion(kind.version())
                                .withPlural(kind.plural())
                                .withKind(kind.kind())
                                .withNamespaced(kind.namespaced())
                                .build())
                .inAnyNamespace()
                .withLimit(SlimStore.PAGE)
                .runnableInformer(0)
                .itemStore(new SlimStore<>(policy -> ForeignPolicy.slim(policy, OwnedLabels.EVERY_POD)))
                .exceptionHandler((started, failure) -> started); // once it ran it never gives up
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(GenericKubernetesResource policy) {
                changed(policy, policy);
            }

            @Override
            public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource now) {
                changed(before, now);
            }

            @Override
            public void onDelete(GenericKubernetesResource policy, boolean unknown) {
                changed(policy, policy);
            }

            /** One that opens nothing, as ours do not, is no news. */
            private void changed(GenericKubernetesResource before, GenericKubernetesResource now) {
                if (ForeignPolicy.mayOpen(before, OwnedLabels.EVERY_POD)
                        || ForeignPolicy.mayOpen(now, OwnedLabels.EVERY_POD)) {
                    changed.accept(Optional.ofNullable(now.getMetadata().getNamespace()));
                }
            }
        });
        firstList.await(informer, kind.plural() + "." + kind.group());
        log.atInfo()
                .addKeyValue("kind", kind.kind())
                .addKeyValue("group", kind.group())
                .log("watching network policies of others");
        return informer;
    }

    @Override
    public synchronized void close() {
        looking.ifPresent(ScheduledExecutorService::shutdownNow);
        watched.values().forEach(SharedIndexInformer::stop);
        watched.clear();
    }
}
