package dev.corral.operator.reconcile;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.Applier.Creation;
import dev.corral.operator.cluster.Applier.Laying;
import dev.corral.operator.decide.Action;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Does to the cluster what was decided. */
public record Effects(Applier applier) {
    /**
     * Makes what is to be there, a pod after what it needs; the words of a refusal. That there is a pod of that name is fine. {@code lies}
     * hears of a network policy that lies there as it was rendered.
     */
    Optional<String> lay(Action.Laid action, Consumer<Action.ApplyNetworkPolicy> lies) {
        return switch (action) {
            case Action.ApplyNetworkPolicy due ->
                switch (applier.apply(due.policy())) {
                    case Laying.AsGiven() -> {
                        lies.accept(due);
                        yield Optional.empty();
                    }
                    case Laying.Changed(var words) -> due.asChanged() ? Optional.empty() : Optional.of(words);
                    case Laying.Refused(var words) -> Optional.of(words);
                };
            case Action.EnsureAccount(var namespace) ->
                applier.ensureAccount(
                        namespace, ObjectNames.SERVICE_ACCOUNT, Map.of(OwnedLabels.MANAGED_BY, OwnedLabels.CORRAL));
            case Action.CreatePod(var pod) ->
                applier.create(pod) instanceof Creation.Refused(var words) ? Optional.of(words) : Optional.empty();
        };
    }

    void clear(Action.Cleared action) {
        switch (action) {
            case Action.DeleteNetworkPolicy(var namespace, var name, var uid) -> applier.clear(namespace, name, uid);
            case Action.DeletePod(var namespace, var name, var uid) -> applier.delete(Pod.class, namespace, name, uid);
            case Action.AdoptPod(var namespace, var name, var podUID, var poolUID, var run) ->
                applier.adopt(namespace, name, podUID, poolUID, run);
            case Action.ObserveSpec(var namespace, var name, var uid) -> applier.observeSpec(namespace, name, uid);
            case Action.DeleteExecution(var namespace, var name, var uid) ->
                applier.delete(PluginExecution.class, namespace, name, uid);
        }
    }
}
