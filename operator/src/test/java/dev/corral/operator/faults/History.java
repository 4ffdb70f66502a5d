package dev.corral.operator.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Every version every execution ever had. */
final class History implements AutoCloseable {
    private final Map<String, List<PluginExecution>> versions = new ConcurrentHashMap<>();
    private final SharedIndexInformer<PluginExecution> watch;

    History(KubernetesClient client) {
        watch = client.resources(PluginExecution.class).inAnyNamespace().inform(new ResourceEventHandler<>() {
            @Override
            public void onAdd(PluginExecution execution) {
                record(execution);
            }

            @Override
            public void onUpdate(PluginExecution before, PluginExecution now) {
                record(now);
            }

            @Override
            public void onDelete(PluginExecution execution, boolean unknown) {
                // its history stays
            }
        });
    }

    private void record(PluginExecution execution) {
        versions.computeIfAbsent(execution.getMetadata().getUid(), uid -> new CopyOnWriteArrayList<>())
                .add(execution);
    }

    Optional<PluginExecution> latest(String uid) {
        return Optional.ofNullable(versions.get(uid)).map(List::getLast);
    }

    boolean ended(String uid) {
        return latest(uid).flatMap(History::outcome).isPresent();
    }

    /** Claims are made once per attempt and never change; so is the end. */
    void isStraight(String uid) {
        var all = versions.get(uid).stream()
                .map(PluginExecution::getStatus)
                .filter(Objects::nonNull)
                .toList();
        assertThat(steps(all.stream().map(History::claim).toList()))
                .as("claims")
                .hasSizeLessThanOrEqualTo(1);
        assertThat(steps(all.stream().map(History::end).toList())).as("ends").hasSize(1);
    }

    /** The values one after the other, absent ones only before the first; a value that vanishes again shows as one more. */
    private static List<String> steps(List<Optional<String>> values) {
        var steps = new ArrayList<String>();
        for (var value : values) {
            if ((value.isPresent() || !steps.isEmpty())
                    && (steps.isEmpty() || !steps.getLast().equals(value.orElse("nothing")))) {
                steps.add(value.orElse("nothing"));
            }
        }
        return steps;
    }

    private static Optional<String> claim(PluginExecutionStatus status) {
        return Optional.ofNullable(status.attempt())
                .filter(attempt -> attempt.session() != null)
                .map(Object::toString);
    }

    private static Optional<String> end(PluginExecutionStatus status) {
        return outcome(status).map(outcome -> outcome + " " + status.completionTime() + " " + status.result());
    }

    static Optional<String> outcome(PluginExecution execution) {
        return Optional.ofNullable(execution.getStatus()).flatMap(History::outcome);
    }

    /** The verdict on the run, once it has one. */
    private static Optional<String> outcome(PluginExecutionStatus status) {
        return Optional.ofNullable(status.conditions()).orElse(List.of()).stream()
                .filter(condition -> "Succeeded".equals(condition.type()))
                .filter(condition -> !"Unknown".equals(condition.status()))
                .map(condition -> condition.status() + " " + condition.reason())
                .findFirst();
    }

    @Override
    public void close() {
        watch.close();
    }
}
