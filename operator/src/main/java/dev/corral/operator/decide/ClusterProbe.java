package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ArtifactEndpoint;
import dev.corral.api.v1alpha1.CapabilityStatus;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.render.PodRenderer;
import dev.corral.operator.render.ProbeRenderer;
import dev.corral.operator.render.ProbeRenderer.Probe;
import dev.corral.operator.status.PlainText;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Probes what the cluster enforces, once per class of nodes: with plugin pods that run nothing, on the same path as any other. One must
 * not reach the sentinel, one must, because its policy opens it: a closed port alone would prove nothing. Pure, like {@link Decider}.
 */
public final class ClusterProbe {
    private static final Duration PERIOD = Duration.ofHours(1);
    /** Where the network was not proven: a gateway that restarts during the probe is enough for that. */
    private static final Duration SOON = Duration.ofMinutes(1);

    /** So long a class is remembered that has no node to land on: cordoned or restarted nodes come back as they were. */
    private static final Duration MEMORY = Duration.ofDays(1);
    /** What the status takes. */
    private static final int ROWS = 256;

    private static final int EVIDENCE = 1024;
    private static final String GONE = "no such node takes pods now; before: ";
    private static final String READY = "Ready";
    private static final String DISJOINT = "NamespacesDisjoint";
    private static final String DELIVERY = "LauncherDelivery";

    private ClusterProbe() {}

    /**
     * The cluster as read. {@code since} is when this controller started: what was probed before is told but probed again.
     * {@code delivery} is what the administrator chose; empty: as the probes show. {@code pullSecrets} are the installation's, for the
     * launcher's image.
     */
    public record World(
            CorralCluster cluster,
            List<Node> nodes,
            List<Pod> pods,
            Installation installation,
            Optional<LauncherDelivery> delivery,
            List<String> pullSecrets,
            Instant since,
            Served served) {}

    /** Which namespaces this installation selects, and those that another one selects, too; empty: there is no other one. */
    public record Served(NamespaceSelector namespaces, Optional<List<String>> shared) {}

    /** What to lay and clear, the status if it changed, how launchers are to be delivered, and when to look again. */
    public record Outcome(
            List<Action.Laid> lay,
            Optional<CorralClusterStatus> status,
            List<Action.Cleared> clear,
            LauncherDelivery delivery,
            Duration lookAgain) {}

    public static Outcome decide(World world, Instant now) {
        List<NodeClass> classes = NodeClass.of(world.nodes());
        Map<String, CapabilityStatus> rows = new TreeMap<>();
        Stream.ofNullable(world.cluster().getStatus())
                .flatMap(status -> Stream.ofNullable(status.capabilities()))
                .flatMap(List::stream)
                .filter(row -> isOf(classes, row) || now.isBefore(lastSeen(row).plus(MEMORY)))
                .forEach(row -> rows.put(key(row), present(row)));
        List<Action.Laid> lay = new ArrayList<>();
        List<Action.Cleared> clear = new ArrayList<>(strays(world, classes));
        Duration again = PERIOD;
        for (NodeClass nodes : classes) {
            Instant last = lastSeen(rows, nodes);
            Instant next = last.plus(period(rows, nodes));
            boolean known = !last.equals(Instant.EPOCH);
            boolean due = last.isBefore(world.since()) || !now.isBefore(next);
            if (!due) {
                again = Clocks.shorter(again, Duration.between(now, next));
                clear.addAll(clear(world, nodes));
                continue;
            }
            Map<Probe, ProbeFinding> findings = new TreeMap<>();
            for (Probe probe : Probe.values()) {
                if (probe == Probe.Copied && !(findings.get(Probe.Sandbox) instanceof ProbeFinding.Failed)) {
                    continue; // only to learn the rest where an image volume does not work
                }
                Optional<Pod> pod = world.pods().stream()
                        .filter(one -> one.getMetadata()
                                .getName()
                                .equals(ProbeRenderer.name(world.cluster(), nodes.hostname(), probe)))
                        .findFirst();
                if (pod.isEmpty()) {
                    lay.addAll(pod(world, nodes, probe));
                }
                findings.put(
                        probe,
                        pod.map(laid -> ProbeFinding.of(laid, known, now)).orElseGet(ProbeFinding.Pending::new));
            }
            ProbeFindings found = new ProbeFindings(findings);
            if (!found.settled()) {
                again = Clocks.shorter(again, Duration.ofSeconds(15));
                continue;
            }
            found.rows(nodes, rows, now).forEach(row -> rows.put(key(row), row));
            clear.addAll(clear(world, nodes));
        }
        List<CapabilityStatus> all = told(classes, rows);
        LauncherDelivery delivery = world.delivery().orElseGet(() -> delivery(world, classes, rows));
        CorralClusterStatus status = new CorralClusterStatus(
                world.installation().version(),
                all,
                conditions(world, classes, rows, delivery, now),
                world.installation().namespace(),
                world.served().namespaces(),
                new ArtifactEndpoint(
                        world.installation().artifactsUrl(),
                        world.installation().trustBundle()));
        return new Outcome(
                lay,
                status.equals(world.cluster().getStatus()) ? Optional.empty() : Optional.of(status),
                clear,
                delivery,
                again);
    }

    private static String key(CapabilityStatus row) {
        return row.nodeClass() + "/" + row.name();
    }

    private static boolean isOf(List<NodeClass> classes, CapabilityStatus row) {
        return classes.stream().anyMatch(nodes -> nodes.text().equals(row.nodeClass()));
    }

    /** What is remembered of nodes that take no pods must not read as what holds now; where both are too many, it is left out. */
    private static List<CapabilityStatus> told(List<NodeClass> classes, Map<String, CapabilityStatus> rows) {
        return rows.values().stream()
                .filter(row -> rows.size() <= ROWS || isOf(classes, row))
                .map(row -> isOf(classes, row)
                        ? row
                        : withEvidence(row, PlainText.shown(GONE + Objects.toString(row.evidence(), ""), EVIDENCE)))
                .toList();
    }

    private static CapabilityStatus present(CapabilityStatus row) {
        return row.evidence() != null && row.evidence().startsWith(GONE)
                ? withEvidence(row, row.evidence().substring(GONE.length()))
                : row;
    }

    private static CapabilityStatus withEvidence(CapabilityStatus row, String evidence) {
        return new CapabilityStatus(row.name(), row.nodeClass(), row.state(), evidence, row.since(), row.lastSeen());
    }

    private static Duration period(Map<String, CapabilityStatus> rows, NodeClass nodes) {
        CapabilityStatus network = rows.get(nodes.text() + "/network");
        return network != null && network.state() == EnforcementState.NotEnforced ? SOON : PERIOD;
    }

    private static Instant lastSeen(Map<String, CapabilityStatus> rows, NodeClass nodes) {
        return rows.values().stream()
                .filter(row -> nodes.text().equals(row.nodeClass()))
                .map(ClusterProbe::lastSeen)
                .min(Instant::compareTo)
                .orElse(Instant.EPOCH);
    }

    private static Instant lastSeen(CapabilityStatus row) {
        return StatusDraft.time(row.lastSeen()).orElse(Instant.EPOCH);
    }

    /** Deny first, allow second, pod last, as for any run. */
    private static List<Action.Laid> pod(World world, NodeClass nodes, Probe probe) {
        Installation installation = world.installation()
                .with(probe == Probe.Sandbox ? LauncherDelivery.ImageVolume : LauncherDelivery.InitCopy);
        ExecutionPlan plan =
                ProbeRenderer.plan(installation, world.pullSecrets(), world.cluster(), nodes.hostname(), probe);
        String namespace = installation.namespace();
        return List.of(
                new Action.ApplyNetworkPolicy(NetworkPolicyRenderer.defaultDeny(namespace), true, false),
                new Action.EnsureAccount(namespace),
                new Action.ApplyNetworkPolicy(new NetworkPolicyRenderer(installation).forClass(plan), true, false),
                new Action.CreatePod(ProbeRenderer.owned(new PodRenderer(installation).render(plan), world.cluster())));
    }

    private static List<Action.Cleared> clear(World world, NodeClass nodes) {
        Set<String> names = names(world, nodes).collect(Collectors.toSet());
        return deletions(world.pods().stream()
                .filter(pod -> names.contains(pod.getMetadata().getName())));
    }

    /** Of a node that is not probed any more: when it comes back, a pod that was left there would look as if it had hung all that time. */
    private static List<Action.Cleared> strays(World world, List<NodeClass> classes) {
        Set<String> names =
                classes.stream().flatMap(nodes -> names(world, nodes)).collect(Collectors.toSet());
        return deletions(world.pods().stream()
                .filter(pod -> pod.getMetadata().getOwnerReferences().stream()
                        .filter(owner -> OwnedLabels.isOwner(owner, "CorralCluster"))
                        .anyMatch(owner -> Objects.equals(
                                owner.getUid(), world.cluster().getMetadata().getUid())))
                .filter(pod -> !names.contains(pod.getMetadata().getName())));
    }

    private static Stream<String> names(World world, NodeClass nodes) {
        return Stream.of(Probe.values()).map(probe -> ProbeRenderer.name(world.cluster(), nodes.hostname(), probe));
    }

    private static List<Action.Cleared> deletions(Stream<Pod> pods) {
        return pods.filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .<Action.Cleared>map(Action.DeletePod::of)
                .toList();
    }

    private static LauncherDelivery delivery(World world, List<NodeClass> classes, Map<String, CapabilityStatus> rows) {
        if (classes.isEmpty()) {
            return before(world.cluster()); // no node says anything against it, and none takes a pod meanwhile
        }
        if (classes.stream().noneMatch(nodes -> rows.containsKey(nodes.text() + "/imageVolume"))) {
            // its object was made anew: what worked still does until a probe says otherwise
            return world.installation().delivery();
        }
        return classes.stream().allMatch(nodes -> stateOf(rows, nodes) == EnforcementState.Enforced)
                ? LauncherDelivery.ImageVolume
                : LauncherDelivery.InitCopy;
    }

    /** What the object says of the last probes; what works everywhere where it says nothing. */
    public static LauncherDelivery before(CorralCluster cluster) {
        return Stream.ofNullable(cluster.getStatus())
                        .flatMap(status -> Stream.ofNullable(status.conditions()))
                        .flatMap(List::stream)
                        .anyMatch(condition -> DELIVERY.equals(condition.type())
                                && LauncherDelivery.ImageVolume.name().equals(condition.reason()))
                ? LauncherDelivery.ImageVolume
                : LauncherDelivery.InitCopy;
    }

    private static EnforcementState stateOf(Map<String, CapabilityStatus> rows, NodeClass nodes) {
        CapabilityStatus row = rows.get(nodes.text() + "/imageVolume");
        return row == null ? EnforcementState.NotEnforced : row.state();
    }

    private static List<Condition> conditions(
            World world,
            List<NodeClass> classes,
            Map<String, CapabilityStatus> rows,
            LauncherDelivery delivery,
            Instant now) {
        List<NodeClass> missing = classes.stream()
                .filter(nodes -> lastSeen(rows, nodes).equals(Instant.EPOCH))
                .toList();
        String probed =
                "probed on " + (classes.size() - missing.size()) + " of " + classes.size() + " classes of nodes";
        String why = world.delivery().isPresent()
                ? "as launcher.delivery says"
                : classes.stream()
                        .filter(nodes -> stateOf(rows, nodes) != EnforcementState.Enforced)
                        .findFirst()
                        .map(nodes -> "no image volumes on " + nodes.text() + ": "
                                + Optional.ofNullable(rows.get(nodes.text() + "/imageVolume"))
                                        .map(CapabilityStatus::evidence)
                                        .orElse("not probed yet"))
                        .orElse(
                                classes.isEmpty()
                                        ? "no node takes plugin pods: as before"
                                        : "image volumes work on every class of nodes");
        boolean done = missing.isEmpty() && !classes.isEmpty();
        List<Condition> conditions = new ArrayList<>();
        conditions.add(condition(world, DELIVERY, true, delivery.name(), why, now));
        world.served().shared().ifPresent(shared -> conditions.add(disjoint(world, shared, now)));
        conditions.add(condition(world, READY, done, done ? "Probed" : "Probing", probed, now));
        return List.copyOf(conditions);
    }

    private static Condition disjoint(World world, List<String> shared, Instant now) {
        boolean none = shared.isEmpty();
        String message = none
                ? "no namespace is selected by another installation"
                : PlainText.shown(
                        "selected by more than one installation, give them different labels: "
                                + String.join(", ", shared),
                        1024);
        return condition(world, DISJOINT, none, none ? "NoneShared" : "Shared", message, now);
    }

    private static Condition condition(
            World world, String type, boolean yes, String reason, String message, Instant now) {
        String status = yes ? "True" : "False";
        String since = Stream.ofNullable(world.cluster().getStatus())
                .flatMap(before -> Stream.ofNullable(before.conditions()))
                .flatMap(List::stream)
                .filter(before -> type.equals(before.type())
                        && status.equals(before.status())
                        && before.lastTransitionTime() != null)
                .map(Condition::lastTransitionTime)
                .findFirst()
                .orElse(now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new Condition(type, status, reason, message, 1L, since);
    }
}
