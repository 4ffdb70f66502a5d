package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.ClusterPlugin;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.operator.cluster.ForeignPolicies;
import dev.corral.operator.cluster.SlimStore;
import dev.corral.operator.cluster.UnkeptStore;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.observe.SlimPod;
import dev.corral.operator.reconcile.Caches.Cache;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.config.informer.FieldSelectorBuilder;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.EventSourceStartPriority;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The informers of the loop. Those of objects we make are limited to our labels, so that no other pod of the cluster is cached. */
final class EventSources {
    private static final String OURS = OwnedLabels.MANAGED_BY + "=" + OwnedLabels.CORRAL;

    private static final String WAITING = "waiting";
    private static final String OF_POOL = "pool";
    private static final String OF_EXECUTION = "execution";
    static final String CLAIMED_POD = "pod";

    private final EventSourceContext<PluginExecution> context;
    private final PoolBell bell;
    private final WaitingPods waiting;
    private final List<EventSource<?, PluginExecution>> all = new ArrayList<>();
    private final List<InformerEventSource<?, PluginExecution>> informers = new ArrayList<>();
    private final Caches caches;
    private final Dependents dependents;

    /** {@code turnstile}: hears of pods that end. {@code bell}: what concerns pools is passed on to their loop, so that one set of informers serves both. */
    EventSources(
            EventSourceContext<PluginExecution> context,
            ForeignPolicies foreign,
            PoolsShared shared,
            Turnstile turnstile) {
        this.context = context;
        this.bell = shared.bell();
        this.waiting = shared.waiting();
        context.getPrimaryCache().addIndexer(CLAIMED_POD, EventSources::claimedPod);
        all.add(new ForeignPolicySource(foreign, context));
        MountFailures mountFailures = new MountFailures();
        Cache<Pod> pods = add(slim(Pod.class, OwnedLabels.PLUGIN_POD + "=true", SlimPod::of, pod -> {
                    turnstile.heardOf(pod, isGone(pod));
                    waiting.heardOf(pod);
                    if (isGone(pod)) {
                        mountFailures.forget(pod);
                    }
                    return SecondaryIndex.ofPod(pod, context.getPrimaryCache());
                })
                .withOnDeleteFilter((pod, unknown) -> { // it may look alive, if nobody saw it go
                    turnstile.heardOf(pod, true);
                    waiting.gone(pod.getMetadata().getUid());
                    mountFailures.forget(pod);
                    return true;
                })
                .build());
        addMountFailures(mountFailures, pods);
        addNetworkPolicies(shared.laid());
        this.caches = new Caches(
                pods,
                accounts(),
                add(
                        Namespace.class,
                        null,
                        live((namespace, execution) -> namespace
                                .getMetadata()
                                .getName()
                                .equals(execution.getMetadata().getNamespace()))),
                addSlim(
                        Plugin.class,
                        null,
                        Slim::of,
                        open((plugin, execution) -> sameNamespace(plugin, execution)
                                && reference(execution)
                                        .map(PluginReference::name)
                                        .filter(plugin.getMetadata().getName()::equals)
                                        .isPresent())),
                add(
                        ClusterPlugin.class,
                        null,
                        open((plugin, execution) -> reference(execution)
                                .map(PluginReference::clusterName)
                                .filter(plugin.getMetadata().getName()::equals)
                                .isPresent())),
                // what is granted no longer ends a run that has it, so these concern claimed executions too
                add(ClusterPluginPolicy.class, null, live((policy, execution) -> true)),
                addSlim(PluginPolicy.class, null, Slim::of, live(EventSources::sameNamespace)),
                installations(),
                mountFailures,
                new Caches.Executions() {
                    @Override
                    public Optional<PluginExecution> get(ResourceID id) {
                        return context.getPrimaryCache().get(id);
                    }

                    @Override
                    public Stream<PluginExecution> all(String namespace) {
                        return context.getPrimaryCache().list(namespace, execution -> true);
                    }
                },
                podUID -> context.getPrimaryCache().byIndex(CLAIMED_POD, podUID));
        this.dependents = new Dependents(context.getPrimaryCache());
        all.add(dependents);
    }

    /** What an execution that is gone leaves for pools: a pod that is made no more, and one that may be used. */
    void deleted(PluginExecution execution) {
        waiting.startedCold(ObjectNames.pod(RunState.run(execution)));
        leftPod(execution).ifPresent(bell::heardOf);
    }

    /** A pod of a pool that an execution claimed and has not taken over. */
    private Optional<Pod> leftPod(PluginExecution execution) {
        return caches.pods()
                .get(new ResourceID(
                        RunState.podName(execution), execution.getMetadata().getNamespace()))
                .filter(pod -> RunState.pool(pod).isPresent());
    }

    /** A quota counts a pod no more once it has ended; one that is being deleted is gone before long. */
    private static boolean isGone(Pod pod) {
        return PodReader.hasEnded(pod) || pod.getMetadata().getDeletionTimestamp() != null;
    }

    Dependents dependents() {
        return dependents;
    }

    /** Whether every cache has been filled. */
    boolean filled() {
        return informers.stream().allMatch(source -> source.isRunning());
    }

    private static List<String> claimedPod(PluginExecution execution) {
        Attempt attempt =
                execution.getStatus() == null ? null : execution.getStatus().attempt();
        return attempt == null || attempt.podUID() == null ? List.of() : List.of(attempt.podUID());
    }

    /** Pods that said what they proved, answer and still belong to a pool, by namespace. Whether it is enough is for who takes one. */
    static List<String> waiting(HasMetadata object) {
        return object instanceof Pod pod
                        && RunState.pool(pod).isPresent()
                        && pod.getMetadata().getDeletionTimestamp() == null
                        && pod.getStatus() != null
                        && pod.getStatus().getConditions() != null
                        && pod.getStatus().getConditions().stream()
                                .anyMatch(condition -> OwnedLabels.SANDBOX_VERIFIED.equals(condition.getType()))
                        && PodReader.silent(pod).isEmpty()
                ? List.of(pod.getMetadata().getNamespace())
                : List.of();
    }

    private static List<String> ofPool(HasMetadata object) {
        return PoolBell.pool(object).map(List::of).orElse(List.of());
    }

    static List<String> ofExecution(HasMetadata object) {
        return object instanceof Pod pod ? RunState.execution(pod).stream().toList() : List.of();
    }

    List<EventSource<?, PluginExecution>> all() {
        return List.copyOf(all);
    }

    Caches caches() {
        return caches;
    }

    private <T extends HasMetadata> Cache<T> add(
            Class<T> type, @Nullable String labels, SecondaryToPrimaryMapper<T> mapper) {
        return add(configured(type, labels, mapper).build());
    }

    private <T extends HasMetadata> Cache<T> addSlim(
            Class<T> type, @Nullable String labels, UnaryOperator<T> keeps, SecondaryToPrimaryMapper<T> mapper) {
        return add(slim(type, labels, keeps, mapper).build());
    }

    private <T extends HasMetadata> InformerEventSourceConfiguration.Builder<T> slim(
            Class<T> type, @Nullable String labels, UnaryOperator<T> keeps, SecondaryToPrimaryMapper<T> mapper) {
        return configured(type, labels, mapper)
                .withItemStore(new SlimStore<>(keeps))
                .withInformerListLimit(SlimStore.PAGE);
    }

    private <T extends HasMetadata> InformerEventSourceConfiguration.Builder<T> configured(
            Class<T> type, @Nullable String labels, SecondaryToPrimaryMapper<T> mapper) {
        var configuration = named(type.getSimpleName(), type, object -> {
                    bell.heardOf(object);
                    return mapper.toPrimaryResourceIDs(object);
                })
                .withOnUpdateFilter(EventSources::matters);
        return labels == null ? configuration : configuration.withLabelSelector(labels);
    }

    /** That one lies there as we laid it concerns nobody; whatever else happens to one, everybody who has, or gets, a pod behind it. */
    private void addNetworkPolicies(LaidPolicies laid) {
        laid.knows(add(slim(NetworkPolicy.class, OURS, LaidPolicy::slim, live(EventSources::sameNamespace))
                .withOnAddFilter(laid::isNew)
                .withOnUpdateFilter(laid::isNew)
                .withOnDeleteFilter((policy, unknown) -> laid.isNewsThatGone(policy))
                .build()));
    }

    /** The one of each namespace that plugin pods run as; that it is there is all that is asked of it. */
    private Cache<ServiceAccount> accounts() {
        return add(configured(ServiceAccount.class, OURS, open(EventSources::sameNamespace))
                .withFieldSelector(new FieldSelectorBuilder()
                        .withField("metadata.name", ObjectNames.SERVICE_ACCOUNT)
                        .build())
                .withItemStore(new SlimStore<>(EventSources::nameOnly))
                .withInformerListLimit(SlimStore.PAGE)
                .build());
    }

    private static ServiceAccount nameOnly(ServiceAccount whole) {
        ServiceAccount slim = new ServiceAccount();
        slim.setMetadata(Slim.identity(whole.getMetadata()));
        return slim;
    }

    /**
     * Without the SDK's own index of what belongs to an execution, which nobody asks. It remembers for each object every execution the object
     * ever concerned, and forgets when the object goes: of a policy or a namespace, never.
     */
    private static <T extends HasMetadata> InformerEventSourceConfiguration.Builder<T> named(
            String name, Class<T> type, SecondaryToPrimaryMapper<T> mapper) {
        return InformerEventSourceConfiguration.from(type, PluginExecution.class)
                .withName(name)
                .withSecondaryToPrimaryMapper(mapper)
                .withPrimaryToSecondaryMapper(execution -> Set.of());
    }

    /**
     * Of our own kinds the spec alone matters, which the API server counts by generations: what {@link Linting} says of a policy in its
     * status is no reason to look at every execution again.
     */
    static boolean matters(HasMetadata now, HasMetadata before) {
        return !(now instanceof CustomResource<?, ?>)
                || !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration())
                || !Objects.equals(
                        now.getMetadata().getUid(), before.getMetadata().getUid()); // another one, unseen in between
    }

    /** What the other installations say of themselves. One that comes, goes or changes its namespaces concerns everybody. */
    private Cache<CorralCluster> installations() {
        SecondaryToPrimaryMapper<CorralCluster> everybody = live((cluster, execution) -> true);
        return add(named("installations", CorralCluster.class, cluster -> {
                    bell.heardOf(cluster);
                    return everybody.toPrimaryResourceIDs(cluster);
                })
                .withOnUpdateFilter((now, before) -> !Objects.equals(selected(now), selected(before)))
                .build());
    }

    private static Optional<NamespaceSelector> selected(CorralCluster cluster) {
        return Optional.ofNullable(cluster.getStatus()).map(CorralClusterStatus::namespaces);
    }

    /** Those of a pod that is not cached say nothing. */
    private void addMountFailures(MountFailures mountFailures, Cache<Pod> pods) {
        add(named("FailedMount", Event.class, event -> {
                    Optional<Pod> pod = MountFailures.pod(event, pods);
                    pod.ifPresent(bell::heardOf); // it may wait in a pool
                    return pod.map(SecondaryIndex::owner).orElse(Set.of());
                })
                .withFieldSelector(new FieldSelectorBuilder()
                        .withField("involvedObject.kind", "Pod")
                        .withField("reason", "FailedMount")
                        .build())
                .withItemStore(new UnkeptStore<>(event -> mountFailures.heard(event, pods)))
                .withInformerListLimit(SlimStore.PAGE)
                .build());
    }

    private <T extends HasMetadata> Cache<T> add(InformerEventSourceConfiguration<T> configuration) {
        InformerEventSource<T, PluginExecution> source = new InformerEventSource<>(configuration, context);
        if (configuration.getResourceClass() == Pod.class) {
            source.addIndexers(Map.of(
                    WAITING,
                    EventSources::waiting,
                    OF_POOL,
                    EventSources::ofPool,
                    OF_EXECUTION,
                    EventSources::ofExecution));
            source.setEventSourcePriority(EventSourceStartPriority.RESOURCE_STATE_LOADER); // before Events of them
        }
        all.add(source);
        informers.add(source);
        return new Cache<>() {
            @Override
            public Optional<T> get(ResourceID id) {
                return source.get(id);
            }

            @Override
            public Collection<T> all() {
                return source.list().toList();
            }

            @Override
            public List<T> waiting(String namespace) {
                return source.byIndex(WAITING, namespace);
            }

            @Override
            public List<T> ofPool(String pool) {
                return source.byIndex(OF_POOL, pool);
            }

            @Override
            public List<T> ofExecution(String uid) {
                return source.byIndex(OF_EXECUTION, uid);
            }
        };
    }

    private <T extends HasMetadata> SecondaryToPrimaryMapper<T> open(BiPredicate<T, PluginExecution> concerned) {
        return object -> {
            Set<ResourceID> ids = SecondaryIndex.open(
                    context.getPrimaryCache().list(), execution -> concerned.test(object, execution));
            return ids;
        };
    }

    private <T extends HasMetadata> SecondaryToPrimaryMapper<T> live(BiPredicate<T, PluginExecution> concerned) {
        return object ->
                SecondaryIndex.live(context.getPrimaryCache().list(), execution -> concerned.test(object, execution));
    }

    private static boolean sameNamespace(HasMetadata object, PluginExecution execution) {
        return Objects.equals(
                object.getMetadata().getNamespace(), execution.getMetadata().getNamespace());
    }

    private static Optional<PluginReference> reference(PluginExecution execution) {
        return Optional.ofNullable(execution.getSpec()).map(spec -> spec.plugin());
    }
}
