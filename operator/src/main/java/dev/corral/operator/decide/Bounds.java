package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Concurrency;
import dev.corral.api.v1alpha1.DecidedPlugin;
import dev.corral.api.v1alpha1.NamespaceConcurrency;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.policy.Denial;
import dev.corral.operator.policy.DenialReason;
import dev.corral.operator.policy.Given;
import dev.corral.operator.policy.PolicyId;
import dev.corral.operator.policy.PolicySet;
import dev.corral.operator.policy.Request;
import dev.corral.operator.queue.Gate;
import dev.corral.operator.queue.QueueBound;
import dev.corral.operator.queue.Ticket;
import dev.corral.operator.status.StatusDraft;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What policies say about how many run at once, how many wait, and who may go first. */
public final class Bounds {
    /** How many may wait where a bound says nothing about it. */
    private static final int QUEUED = 1000;

    /** The API server keeps creation in seconds, and its clock need not be ours. */
    private static final Duration LATE = Duration.ofSeconds(2);

    private static final String PRIORITY = "spec.priority";

    private Bounds() {}

    /** Whether any policy bounds anything at all: where none does, nothing of this costs anything. */
    public static boolean any(Snapshot world) {
        return world.clusterPolicies().stream().anyMatch(Bounds::bounds)
                || world.policies().stream().anyMatch(Bounds::bounds);
    }

    /** A number that changes whenever a policy that bounds something appears, changes or goes. */
    public static long fingerprint(Iterable<ClusterPluginPolicy> cluster, Iterable<PluginPolicy> namespaced) {
        long sum = 0;
        for (ClusterPluginPolicy policy : cluster) {
            sum += bounds(policy)
                    ? Objects.hash(
                            policy.getMetadata().getUid(), policy.getMetadata().getGeneration())
                    : 0;
        }
        for (PluginPolicy policy : namespaced) {
            sum += bounds(policy)
                    ? Objects.hash(
                            policy.getMetadata().getUid(), policy.getMetadata().getGeneration())
                    : 0;
        }
        return sum;
    }

    private static boolean bounds(ClusterPluginPolicy policy) {
        return policy.getSpec() != null && policy.getSpec().concurrency() != null;
    }

    private static boolean bounds(PluginPolicy policy) {
        return policy.getSpec() != null && policy.getSpec().concurrency() != null;
    }

    /**
     * Whether the execution counts as running: from the moment its pod exists until its end, or until it is deleted, whoever keeps it then by a
     * finalizer. Between two attempts it does not.
     */
    public static boolean counts(Snapshot world) {
        PluginExecution execution = world.execution();
        return execution.getMetadata().getDeletionTimestamp() == null
                && !RunState.ended(execution.getStatus())
                && (Claim.of(execution.getStatus()).isPresent()
                        || world.pod()
                                .filter(pod -> RunState.owned(pod, RunState.run(execution)))
                                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                                .isPresent());
    }

    /** Whether the execution stands in line, as its status says. */
    public static boolean waits(PluginExecution execution) {
        PluginExecutionStatus status = execution.getStatus();
        return status != null && status.queue() != null && status.queue().position() != null && !RunState.ended(status);
    }

    /** Whether nothing was said of the execution yet: it may have had its turn already, or is about to ask; a suspended one is not. */
    public static boolean untold(PluginExecution execution) {
        PluginExecutionStatus status = execution.getStatus();
        return (status == null || status.startTime() == null) && !RunState.suspended(execution);
    }

    /** Whether the execution no longer counts once this status stands: it has ended, or waits for its next attempt. */
    public static boolean leaves(PluginExecution execution, PluginExecutionStatus next) {
        return RunState.ended(next)
                || next.attempt() != null
                        && next.attempt().number() != null
                        && next.attempt().number() > RunState.attempt(execution);
    }

    /** {@code needsPod}: no pod of a pool waits for it. */
    public static Ticket ticket(Snapshot world, boolean needsPod, Instant now) {
        PluginExecution execution = world.execution();
        List<Gate> gates = new ArrayList<>();
        List<QueueBound> bounds = new ArrayList<>();
        if (any(world)) {
            request(world)
                    .ifPresent(
                            request -> collect(world, Admission.policies(world).applying(request, now), gates, bounds));
        }
        Instant created =
                StatusDraft.time(execution.getMetadata().getCreationTimestamp()).orElse(now);
        PluginExecutionStatus status = execution.getStatus();
        PluginExecutionSpec spec = execution.getSpec();
        Integer priority = spec == null ? null : spec.priority();
        return new Ticket(
                execution.getMetadata().getUid(),
                execution.getMetadata().getNamespace(),
                execution.getMetadata().getName(),
                priority == null ? 0 : priority,
                created,
                seen(world, created, now),
                status != null && (status.queue() != null || status.attempt() != null),
                needsPod,
                gates,
                bounds);
    }

    /**
     * First sight, as the status keeps it, tells apart those of one second. Whoever was there before the controller that saw it may have had
     * its turn already, without a pod or a word in the status: of its second it goes first.
     */
    private static Instant seen(Snapshot world, Instant created, Instant now) {
        PluginExecutionStatus status = world.execution().getStatus();
        Instant seen = StatusDraft.time(status == null ? null : status.startTime())
                .or(world::seen)
                .orElse(now)
                .truncatedTo(ChronoUnit.MICROS);
        return seen.isAfter(created.plus(LATE)) ? created : seen;
    }

    private static void collect(Snapshot world, List<PolicyId> applying, List<Gate> gates, List<QueueBound> bounds) {
        String namespace = world.execution().getMetadata().getNamespace();
        Map<String, Concurrency> cluster = new HashMap<>();
        world.clusterPolicies().stream()
                .filter(Bounds::bounds)
                .forEach(policy -> cluster.put(
                        policy.getMetadata().getName(), policy.getSpec().concurrency()));
        Map<String, NamespaceConcurrency> here = new HashMap<>();
        world.policies().stream()
                .filter(Bounds::bounds)
                .forEach(policy -> here.put(
                        policy.getMetadata().getName(), policy.getSpec().concurrency()));
        for (PolicyId id : applying) {
            if (id.kind().equals(PolicyId.CLUSTER_KIND) && cluster.containsKey(id.name())) {
                of(id.name(), cluster.get(id.name()), namespace, gates, bounds);
            } else if (id.kind().equals(PolicyId.NAMESPACE_KIND) && here.containsKey(id.name())) {
                of(id.name(), here.get(id.name()), namespace, gates, bounds);
            }
        }
    }

    private static void of(
            String name, Concurrency concurrency, String namespace, List<Gate> gates, List<QueueBound> bounds) {
        String policy = PolicyId.CLUSTER_KIND + "/" + name;
        if (concurrency.running() != null) {
            gates.add(new Gate("all/" + name, true, concurrency.running(), policy, "spec.concurrency.running"));
        }
        if (concurrency.runningPerNamespace() != null) {
            gates.add(new Gate(
                    "each/" + namespace + "/" + name,
                    false,
                    concurrency.runningPerNamespace(),
                    policy,
                    "spec.concurrency.runningPerNamespace"));
        }
        bounds.add(new QueueBound(
                "queue/" + namespace + "/" + name,
                concurrency.queuedPerNamespace() == null ? QUEUED : concurrency.queuedPerNamespace(),
                policy,
                "spec.concurrency.queuedPerNamespace"));
    }

    private static void of(
            String name,
            NamespaceConcurrency concurrency,
            String namespace,
            List<Gate> gates,
            List<QueueBound> bounds) {
        String policy = PolicyId.NAMESPACE_KIND + "/" + name;
        gates.add(new Gate(
                "here/" + namespace + "/" + name,
                false,
                concurrency.running() == null ? 0 : concurrency.running(),
                policy,
                "spec.concurrency.running"));
        bounds.add(new QueueBound(
                "queue-here/" + namespace + "/" + name,
                concurrency.queued() == null ? QUEUED : concurrency.queued(),
                policy,
                "spec.concurrency.queued"));
    }

    /**
     * The plugin as it was decided on, where it has changed or is gone since: that is what runs, and what is counted. Which capabilities it
     * required then, its pod says.
     */
    private static Optional<Request> request(Snapshot world) {
        PluginExecutionStatus status = world.execution().getStatus();
        DecidedPlugin decided = status == null ? null : status.plugin();
        boolean claimed = Claim.of(status).isPresent();
        Optional<FoundPlugin> found = world.plugin()
                .filter(plugin -> world.execution().getSpec() != null && plugin.spec() != null)
                .filter(plugin -> !claimed
                        || decided == null
                        || plugin.uid().equals(decided.uid())
                                && Long.valueOf(plugin.generation()).equals(decided.generation()));
        if (found.isPresent()) {
            // whoever cannot be read asks for nothing; it must not keep the others from being counted
            return Admission.request(world, found.get())
                    .asOptional()
                    .or(() -> Revocation.question(
                            world,
                            found.get().kind(),
                            found.get().name(),
                            found.get().spec().image(),
                            Permissions.NONE));
        }
        Permissions given =
                world.pod().flatMap(Revocation::given).map(Given::permissions).orElse(Permissions.NONE);
        return decided == null
                ? Optional.empty()
                : Revocation.question(world, decided.kind(), decided.name(), decided.image(), given);
    }

    /** Whoever wants to go before others needs a policy that says so. */
    static Optional<Denial> priority(Snapshot world, PolicySet policies, Request request, Instant now) {
        Integer asked = world.execution().getSpec().priority();
        if (asked == null || asked <= 0) {
            return Optional.empty();
        }
        List<PolicyId> applying = policies.applying(request, now);
        int allowed = 0;
        for (ClusterPluginPolicy policy : world.clusterPolicies()) {
            Integer most = policy.getSpec() == null ? null : policy.getSpec().maxPriority();
            if (most != null
                    && find(
                                    applying,
                                    PolicyId.CLUSTER_KIND,
                                    policy.getMetadata().getName())
                            .isPresent()) {
                allowed = Math.max(allowed, most);
            }
        }
        for (PluginPolicy policy : world.policies()) {
            Integer most = policy.getSpec() == null ? null : policy.getSpec().maxPriority();
            Optional<PolicyId> id =
                    find(applying, PolicyId.NAMESPACE_KIND, policy.getMetadata().getName());
            if (most != null && id.isPresent() && asked > most) {
                return Optional.of(new Denial(
                        PRIORITY,
                        DenialReason.NarrowedByNamespace,
                        id.get() + " allows a priority of at most " + most + ", " + asked + " is asked",
                        id,
                        "Ask for " + most + " or less, or have spec.maxPriority raised there."));
            }
        }
        if (asked <= allowed) {
            return Optional.empty();
        }
        return Optional.of(new Denial(
                PRIORITY,
                DenialReason.PriorityNotAllowed,
                "policies allow a priority of at most " + allowed + ", " + asked + " is asked",
                Optional.empty(),
                "Ask for " + allowed + " or less; a ClusterPluginPolicy would allow it with: spec: {maxPriority: "
                        + asked + "}"));
    }

    private static Optional<PolicyId> find(List<PolicyId> among, String kind, String name) {
        return among.stream()
                .filter(id -> id.kind().equals(kind) && id.name().equals(name))
                .findFirst();
    }
}
