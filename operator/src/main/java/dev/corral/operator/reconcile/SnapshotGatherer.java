package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.Attempt;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginReference;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.ForeignPolicies;
import dev.corral.operator.decide.Action;
import dev.corral.operator.decide.Bounds;
import dev.corral.operator.decide.Demand;
import dev.corral.operator.decide.PodFacts;
import dev.corral.operator.decide.PoolSnapshot;
import dev.corral.operator.decide.Pools;
import dev.corral.operator.decide.RunState;
import dev.corral.operator.decide.Sealed;
import dev.corral.operator.decide.Snapshot;
import dev.corral.operator.decide.Snapshot.Standing;
import dev.corral.operator.decide.Surroundings;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.observe.ForeignPolicy;
import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.reconcile.WaitingPods.Taker;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Gathers everything a decision needs to know. */
final class SnapshotGatherer {
    private final Caches caches;
    private final ServedNamespaces served;
    private final Catalogue catalogue;
    private final ForeignPolicies foreign;
    private final Supplier<Installation> installation;
    private final SealOpener seals;
    private final WaitingPods waiting;
    private final ClaimTraffic traffic;
    private final UnclaimedPods unclaimed;
    private final PoolBell bell;
    private final LaidPolicies laid;
    private final FirstSight firstSight;
    private final Turnstile turnstile;
    private final ReportSource reports;

    SnapshotGatherer(
            Caches caches,
            Applier applier,
            ForeignPolicies foreign,
            Supplier<Installation> installation,
            SealOpener seals,
            PoolsShared shared,
            FirstSight firstSight,
            Turnstile turnstile,
            ReportSource reports,
            NamespaceSelector namespaces) {
        this.turnstile = turnstile;
        this.reports = reports;
        this.waiting = shared.waiting();
        this.traffic = shared.traffic();
        this.unclaimed = new UnclaimedPods(caches, waiting);
        this.bell = shared.bell();
        this.laid = shared.laid();
        this.firstSight = firstSight;
        this.caches = caches;
        this.served = new ServedNamespaces(caches, installation, namespaces);
        this.catalogue = new Catalogue(caches, applier);
        this.foreign = foreign;
        this.installation = installation;
        this.seals = seals;
    }

    ServedNamespaces served() {
        return served;
    }

    /** Pods that wait in a namespace nobody serves any more; no execution can take them. */
    List<Action.DeletePod> abandoned(PluginPool pool) {
        return served.isNobodys(pool.getMetadata().getNamespace()) ? unclaimed.all(pool) : List.of();
    }

    /** See {@link UnclaimedPods#used}. */
    List<Action.DeletePod> used(PluginPool pool) {
        return unclaimed.used(pool);
    }

    /** As far as counting it takes, from the caches alone: everybody may be counted at once, while others wait. */
    Snapshot count(PluginExecution execution) {
        return new Snapshot(
                execution,
                surroundings(execution, catalogue::kept),
                Map.of(),
                PodFacts.of(pod(execution)),
                List.of(),
                Pools.NONE,
                Standing.NONE,
                firstSight.of(execution));
    }

    Snapshot gather(PluginExecution execution) {
        String namespace = execution.getMetadata().getNamespace();
        Optional<Pod> pod = pod(execution);
        return new Snapshot(
                execution,
                surroundings(execution, catalogue::find),
                producers(execution),
                new PodFacts(
                        pod,
                        caches.pods().ofExecution(execution.getMetadata().getUid()),
                        reports.of(execution),
                        pod.flatMap(found -> sealed(execution, found)),
                        Optional.empty(),
                        pod.flatMap(caches.mountFailures()::of)),
                openings(namespace),
                pools(execution, pod),
                new Standing(Optional.empty(), turnstile.isQuotaFull(namespace)),
                firstSight.of(execution));
    }

    private Optional<Pod> pod(PluginExecution execution) {
        return caches.pods()
                .get(new ResourceID(
                        RunState.podName(execution), execution.getMetadata().getNamespace()));
    }

    private Surroundings surroundings(
            PluginExecution execution, BiFunction<@Nullable PluginReference, String, Optional<FoundPlugin>> plugins) {
        String namespace = execution.getMetadata().getNamespace();
        return surroundings(
                namespace,
                plugins.apply(
                        execution.getSpec() == null ? null : execution.getSpec().plugin(), namespace));
    }

    private Surroundings surroundings(String namespace, Optional<FoundPlugin> plugin) {
        return new Surroundings(
                plugin,
                served.labels(namespace),
                List.copyOf(caches.clusterPolicies().all()),
                caches.policies().all().stream()
                        .filter(policy -> namespace.equals(policy.getMetadata().getNamespace()))
                        .toList(),
                laid.in(namespace),
                caches.accounts()
                        .get(new ResourceID(ObjectNames.SERVICE_ACCOUNT, namespace))
                        .isPresent(),
                installation.get());
    }

    /** See {@link Bounds#fingerprint}. */
    long bounds() {
        return Bounds.fingerprint(
                caches.clusterPolicies().all(), caches.policies().all());
    }

    private Pools pools(PluginExecution execution, Optional<Pod> pod) {
        String namespace = execution.getMetadata().getNamespace();
        String uid = execution.getMetadata().getUid();
        Optional<Attempt> claim = Optional.ofNullable(execution.getStatus())
                .map(PluginExecutionStatus::attempt)
                .filter(attempt -> attempt.podUID() != null);
        String own = ObjectNames.pod(RunState.run(execution));
        if (execution.getStatus() != null && execution.getStatus().ended()) {
            waiting.startedCold(own);
        }
        if (claim.isPresent()) {
            String claimed = String.valueOf(claim.get().podUID());
            if (pod.filter(found -> claimed.equals(found.getMetadata().getUid()))
                    .flatMap(RunState::pool)
                    .isEmpty()) {
                waiting.handedOver(claimed);
                waiting.forget(claimed);
            } else {
                waiting.claims(claimed, Taker.of(execution));
            }
            waiting.startedCold(own);
            return new Pools(List.of(), Set.of(), rival(claim.get(), uid), traffic.surges());
        }
        Set<String> classes = bell.classes(namespace);
        Taker taker = Taker.of(execution);
        return new Pools(
                waiting.isCold(own)
                        ? List.of()
                        : waiting.leftFor(
                                taker,
                                caches.pods().waiting(namespace).stream()
                                        .filter(candidate -> caches.claimants()
                                                .of(candidate.getMetadata().getUid())
                                                .isEmpty())
                                        .toList()),
                classes,
                Optional.empty(),
                traffic.surges());
    }

    private Optional<Pools.Rival> rival(Attempt claim, String uid) {
        return caches.claimants().of(String.valueOf(claim.podUID())).stream()
                .filter(other -> !uid.equals(other.getMetadata().getUid()))
                .map(other -> new Pools.Rival(
                        other.getMetadata().getName(),
                        other.getStatus().report() != null
                                && String.valueOf(claim.session())
                                        .equals(other.getStatus().report().session())))
                .findFirst();
    }

    /** The same world from a pool's point of view. {@code made}: pods of it that the caches may not show yet. */
    PoolSnapshot gather(PluginPool pool, Collection<Pod> made, PoolPace pace, Optional<String> refusal, Instant now) {
        String namespace = pool.getMetadata().getNamespace();
        Map<String, Pod> pods = new LinkedHashMap<>();
        made.forEach(pod -> pods.put(pod.getMetadata().getName(), pod));
        caches.pods()
                .ofPool(namespace + "/" + pool.getMetadata().getName())
                .forEach(pod -> pods.put(pod.getMetadata().getName(), pod));
        Set<String> claimed = pods.values().stream()
                .map(pod -> pod.getMetadata().getUid())
                .filter(uid -> waiting.taker(uid).isPresent()
                        || !caches.claimants().of(uid).isEmpty())
                .collect(Collectors.toSet());
        Surroundings around = surroundings(
                namespace,
                catalogue.find(pool.getSpec() == null ? null : pool.getSpec().plugin(), namespace));
        return new PoolSnapshot(
                pool,
                around,
                PoolSnapshot.isAutomatic(pool)
                        ? Demand.lately(
                                caches.executions().all(namespace),
                                pods.values(),
                                wanted -> catalogue.find(wanted, namespace),
                                now)
                        : PoolSnapshot.named(pool, around.plugin()),
                List.copyOf(pods.values()),
                claimed,
                unmounted(pods.values()),
                pace.budget(),
                pace.claimsRun(),
                pace.nonces(),
                refusal,
                pace.written());
    }

    /** By uid of the pod. */
    private Map<String, String> unmounted(Collection<Pod> pods) {
        Map<String, String> words = new HashMap<>();
        pods.forEach(pod -> caches.mountFailures()
                .of(pod)
                .ifPresent(said -> words.put(pod.getMetadata().getUid(), said)));
        return words;
    }

    private Map<String, PluginExecution> producers(PluginExecution execution) {
        Map<String, PluginExecution> producers = new HashMap<>();
        for (String name : Snapshot.producersOf(execution)) {
            caches.executions()
                    .get(new ResourceID(name, execution.getMetadata().getNamespace()))
                    .ifPresent(found -> producers.put(name, found));
        }
        return producers;
    }

    private List<NetworkOpening> openings(String namespace) {
        return foreign.concerning(namespace).stream()
                .flatMap(policy ->
                        ForeignPolicy.opening(policy, namespace, served.labels(namespace), OwnedLabels.EVERY_POD)
                                .stream())
                .sorted(Comparator.comparing(NetworkOpening::object))
                .toList();
    }

    private Optional<Sealed> sealed(PluginExecution execution, Pod pod) {
        if (execution.getStatus() == null
                || execution.getStatus().attempt() == null
                || execution.getStatus().attempt().session() == null
                || pod.getStatus() == null
                || pod.getStatus().getContainerStatuses() == null) {
            return Optional.empty();
        }
        String session = execution.getStatus().attempt().session();
        return pod.getStatus().getContainerStatuses().stream()
                .filter(container -> container.getState() != null
                        && container.getState().getTerminated() != null
                        && container.getState().getTerminated().getMessage() != null)
                .map(container -> container.getState().getTerminated().getMessage())
                .findFirst()
                .flatMap(message -> seals.open(message, pod.getMetadata().getUid(), session));
    }
}
