package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.CorralClusterStatus;
import dev.corral.api.v1alpha1.NamespaceSelector;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import io.fabric8.kubernetes.api.model.Namespace;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Who serves which namespace, where several installations share a cluster. A namespace is served by the installation that selects it, by
 * the first in the alphabet where several do. An execution goes with its namespace until it is claimed; from the claim to the end it stays
 * with whoever claimed it. {@code others} are by the namespace each is installed in.
 */
public record Installations(String own, NamespaceSelector namespaces, SortedMap<String, NamespaceSelector> others) {
    /** Reason of the Event about an execution in a namespace that nobody serves. */
    public static final String NOT_SERVED = "NamespaceNotServed";

    /** An hour, after which an API server forgets an Event, and a little for the leases that Events share there. */
    private static final Duration TELL_AGAIN = Duration.ofMinutes(65);

    /** As the objects that each installation writes about itself say. */
    public static Installations of(String own, NamespaceSelector namespaces, Collection<CorralCluster> all) {
        SortedMap<String, NamespaceSelector> others = new TreeMap<>();
        all.stream()
                .map(CorralCluster::getStatus)
                .flatMap(Stream::ofNullable)
                .filter(status -> status.installation() != null && !own.equals(status.installation()))
                .forEach(status -> others.put(String.valueOf(status.installation()), selector(status)));
        return new Installations(own, namespaces, others);
    }

    private static NamespaceSelector selector(CorralClusterStatus status) {
        return status.namespaces() == null ? NamespaceSelector.ALL : status.namespaces();
    }

    /** Whether this installation serves a namespace with these labels; empty: of one not known yet, which waits where labels decide. */
    public boolean serves(Optional<Map<String, String>> labels) {
        if (labels.isEmpty()) {
            return others.isEmpty() && namespaces.equals(NamespaceSelector.ALL);
        }
        return namespaces.matches(labels.get())
                && others.headMap(own).values().stream().noneMatch(other -> other.matches(labels.get()));
    }

    /** Whether this installation is to look after the execution. One whose installation is gone goes with its namespace. */
    public boolean has(PluginExecution execution, Optional<Map<String, String>> labels) {
        PluginExecutionStatus status = execution.getStatus();
        String holder = status == null ? null : status.installation();
        if (holder == null || RunState.ended(status) || Claim.of(status).isEmpty()) {
            return serves(labels);
        }
        return own.equals(holder) || !others.containsKey(holder) && serves(labels);
    }

    /** Whether no installation serves a namespace with these labels. */
    public boolean isNobodys(Optional<Map<String, String>> labels) {
        return labels.isPresent()
                && !namespaces.matches(labels.get())
                && others.values().stream().noneMatch(other -> other.matches(labels.get()));
    }

    /**
     * Of an execution that nobody looks after it is told, by each installation the same, for as long as that lasts: an Event is all that
     * says why nothing happens.
     */
    public Decision unserved(PluginExecution execution, Optional<Map<String, String>> labels) {
        if (!isNobodys(labels)
                || RunState.ended(execution.getStatus())
                || Claim.of(execution.getStatus()).isPresent()) {
            return Decision.nothing();
        }
        return Decision.nothing()
                .noting(
                        EventNote.warning(
                                NOT_SERVED,
                                "Wait",
                                "no installation of Corral serves namespace "
                                        + execution.getMetadata().getNamespace()
                                        + "; nothing happens until its labels match one: kubectl get corralclusters -o yaml shows which they select"))
                .again(TELL_AGAIN);
    }

    /** Namespaces that another installation selects too, each with that installation and who serves it. */
    public Stream<String> shared(Collection<Namespace> all) {
        return all.stream()
                .filter(namespace -> namespaces.matches(labels(namespace)))
                .flatMap(namespace -> others.entrySet().stream()
                        .filter(other -> other.getValue().matches(labels(namespace)))
                        .map(other -> namespace.getMetadata().getName() + " (" + other.getKey() + " too; "
                                + (own.compareTo(other.getKey()) < 0 ? own : other.getKey()) + " serves it)"))
                .sorted();
    }

    private static Map<String, String> labels(Namespace namespace) {
        return Optional.ofNullable(namespace.getMetadata().getLabels()).orElse(Map.of());
    }
}
