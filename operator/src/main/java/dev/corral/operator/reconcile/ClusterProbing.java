package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.operator.cluster.ClusterLedger;
import dev.corral.operator.cluster.SlimStore;
import dev.corral.operator.decide.Action;
import dev.corral.operator.decide.ClusterProbe;
import dev.corral.operator.observe.SlimPod;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the CorralCluster of this installation: probes on start, on new classes of nodes and every hour; the deciding is {@link ClusterProbe}'s. */
@ControllerConfiguration(name = "corralcluster")
public final class ClusterProbing implements Reconciler<CorralCluster> {
    private static final Logger log = LoggerFactory.getLogger(ClusterProbing.class);
    private static final Duration SOON = Duration.ofSeconds(1);
    /** How long it may take until it is said that another installation selects the same namespaces. */
    private static final Duration NEIGHBOURS = Duration.ofMinutes(1);

    private final Effects effects;
    private final ClusterLedger ledger;
    private final Supplier<Installation> installation;
    private final Optional<LauncherDelivery> chosen;
    private final Consumer<LauncherDelivery> deliver;
    private final List<String> pullSecrets;
    private final Neighbours neighbours;
    private final InstantSource clock;
    private final java.time.Instant since;
    private final List<InformerEventSource<Node, CorralCluster>> nodes = new ArrayList<>();
    private final List<InformerEventSource<Pod, CorralCluster>> pods = new ArrayList<>();

    /** {@code chosen} is the administrator's choice, if any; {@code deliver} is told how launchers are to come into pods from now on;
     * {@code pullSecrets} are those of this namespace the launcher's image is pulled with. */
    public ClusterProbing(
            Effects effects,
            ClusterLedger ledger,
            Supplier<Installation> installation,
            Optional<LauncherDelivery> chosen,
            Consumer<LauncherDelivery> deliver,
            List<String> pullSecrets,
            Neighbours neighbours,
            InstantSource clock) {
        this.effects = effects;
        this.ledger = ledger;
        this.installation = installation;
        this.chosen = chosen;
        this.deliver = deliver;
        this.pullSecrets = List.copyOf(pullSecrets);
        this.neighbours = neighbours;
        this.clock = clock;
        this.since = clock.instant();
    }

    @Override
    public List<EventSource<?, CorralCluster>> prepareEventSources(EventSourceContext<CorralCluster> context) {
        nodes.add(new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Node.class, CorralCluster.class)
                        .withName("nodes")
                        .withSecondaryToPrimaryMapper(node -> Set.of(new ResourceID(own())))
                        .withOnUpdateFilter(ClusterProbing::matters)
                        .build(),
                context));
        pods.add(new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, CorralCluster.class)
                        .withName("probe-pods")
                        .withNamespaces(Set.of(neighbours.namespace()))
                        .withLabelSelector(OwnedLabels.PLUGIN_POD + "=true")
                        .withItemStore(new SlimStore<>(SlimPod::of))
                        .withInformerListLimit(SlimStore.PAGE)
                        .withSecondaryToPrimaryMapper(ClusterProbing::owner)
                        .build(),
                context));
        return List.of(nodes.getFirst(), pods.getFirst());
    }

    @Override
    public UpdateControl<CorralCluster> reconcile(CorralCluster cluster, Context<CorralCluster> context) {
        if (!cluster.getMetadata().getName().equals(own())) {
            return UpdateControl.noUpdate(); // another installation's
        }
        Optional<List<String>> shared = neighbours.shared().get();
        ClusterProbe.Outcome outcome = ClusterProbe.decide(
                new ClusterProbe.World(
                        cluster,
                        nodes.getFirst().list().toList(),
                        pods.getFirst().list().toList(),
                        installation.get(),
                        chosen,
                        pullSecrets,
                        since,
                        new ClusterProbe.Served(neighbours.namespaces(), shared)),
                clock.instant());
        deliver.accept(outcome.delivery());
        lay(outcome.lay());
        outcome.status().ifPresent(ledger::write);
        outcome.clear().forEach(effects::clear);
        Duration again =
                shared.isPresent() && outcome.lookAgain().compareTo(NEIGHBOURS) > 0 ? NEIGHBOURS : outcome.lookAgain();
        return UpdateControl.<CorralCluster>noUpdate().rescheduleAfter(again.isPositive() ? again : SOON);
    }

    /** The first refusal is the last: no pod without its policies. What is not there is made, or refused, at the next look. */
    private void lay(List<Action.Laid> actions) {
        for (Action.Laid action : actions) {
            Optional<String> refused = effects.lay(action, policy -> {});
            if (refused.isPresent()) {
                log.atWarn().addKeyValue("words", refused.get()).log("what a probe needs was refused");
                return;
            }
        }
    }

    private String own() {
        return ClusterLedger.name(neighbours.namespace());
    }

    private static Set<ResourceID> owner(Pod pod) {
        return pod.getMetadata().getOwnerReferences().stream()
                .filter(owner -> OwnedLabels.isOwner(owner, "CorralCluster"))
                .map(owner -> new ResourceID(owner.getName()))
                .collect(Collectors.toSet());
    }

    /** A node says every few seconds that it lives; only what it is, and whether it takes pods, is news. */
    private static boolean matters(Node now, Node before) {
        return !Objects.equals(now.getSpec(), before.getSpec())
                || !Objects.equals(
                        now.getStatus().getNodeInfo(), before.getStatus().getNodeInfo());
    }
}
