package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.queue.Place;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything a decision is made from, as read from caches at one moment. {@code producers} are the executions whose artifacts it takes, by
 * name; {@code facts} are about its pod; {@code openings} are network policies of others that open something for plugin pods of this
 * namespace; {@code standing} is its place among those that run and wait; {@code seen} is when an execution that is new was first heard of.
 */
public record Snapshot(
        PluginExecution execution,
        Surroundings surroundings,
        Map<String, PluginExecution> producers,
        PodFacts facts,
        List<NetworkOpening> openings,
        Pools pools,
        Standing standing,
        Optional<Instant> seen) {

    public Snapshot {
        openings = List.copyOf(openings);
        producers = Map.copyOf(producers);
    }

    /** Nothing but the execution and where it is. */
    public static Snapshot bare(PluginExecution execution, Surroundings surroundings) {
        return new Snapshot(
                execution,
                surroundings,
                Map.of(),
                PodFacts.NONE,
                List.of(),
                Pools.NONE,
                Standing.NONE,
                Optional.empty());
    }

    /** {@code place}: empty until it was asked for; {@code quotaFull}: a quota of the namespace refused the last pod. */
    public record Standing(Optional<Place> place, boolean quotaFull) {
        public static final Standing NONE = new Standing(Optional.empty(), false);
    }

    /** Names of the executions whose artifacts this one takes, all of its namespace. */
    public static Set<String> producersOf(PluginExecution execution) {
        return Staging.producers(execution.getSpec());
    }

    /** The same world after the API server refused the pod. */
    public Snapshot refused(String words) {
        return knowing(facts.refused(words));
    }

    /** The same world, now that its place among those that run and wait is known. */
    public Snapshot at(Place place) {
        return new Snapshot(
                execution,
                surroundings,
                producers,
                facts,
                openings,
                pools,
                new Standing(Optional.of(place), standing.quotaFull()),
                seen);
    }

    /** The same world with this pod in it, which no cache showed. */
    public Snapshot with(Pod found) {
        return knowing(facts.found(found));
    }

    private Snapshot knowing(PodFacts now) {
        return new Snapshot(execution, surroundings, producers, now, openings, pools, standing, seen);
    }

    Optional<FoundPlugin> plugin() {
        return surroundings.plugin();
    }

    Map<String, String> namespaceLabels() {
        return surroundings.namespaceLabels();
    }

    List<ClusterPluginPolicy> clusterPolicies() {
        return surroundings.clusterPolicies();
    }

    List<PluginPolicy> policies() {
        return surroundings.policies();
    }

    Installation installation() {
        return surroundings.installation();
    }

    Optional<Pod> pod() {
        return facts.pod();
    }

    Optional<RunReport> told() {
        return facts.told();
    }

    Optional<RunReport> sealed() {
        return facts.sealed().filter(this::isOurs).map(Sealed::report);
    }

    /** The launcher of its pod says by its seal that it served another execution, and so never this one. */
    boolean servedAnother() {
        return facts.sealed().filter(word -> !isOurs(word)).isPresent();
    }

    private boolean isOurs(Sealed word) {
        return word.executionUID().equals(execution.getMetadata().getUid());
    }

    Optional<String> refusal() {
        return facts.refusal();
    }

    Optional<String> unmounted() {
        return facts.unmounted();
    }
}
