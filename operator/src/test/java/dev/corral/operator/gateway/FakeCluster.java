package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.RunReport;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** An API server of maps: resource versions count, a watch tells everything, and it can be told to misbehave. */
final class FakeCluster implements GatewayCluster {
    final Map<String, Caller> tokens = new LinkedHashMap<>();
    final Map<String, Pod> pods = new LinkedHashMap<>();
    final Map<NamespacedName, PluginExecution> executions = new LinkedHashMap<>();
    final Map<String, Event> events = new LinkedHashMap<>();
    final Map<String, String> configMaps = new LinkedHashMap<>();
    final Map<String, PluginSpec> plugins = new LinkedHashMap<>();
    final Set<String> readers = new HashSet<>();
    final List<RunReport> reportWrites = new ArrayList<>();
    final AtomicInteger reviews = new AtomicInteger();
    final AtomicInteger podConflicts = new AtomicInteger();
    final AtomicInteger reportConflicts = new AtomicInteger();
    final AtomicInteger failures = new AtomicInteger();
    /** May take its time. */
    volatile Runnable beforeReports = () -> {};

    volatile Runnable beforeEvents = () -> {};

    volatile boolean eventsRefused;
    volatile boolean podWritesFail;
    Optional<ServingMaterial> material = Optional.empty();
    private final List<ExecutionListener> listeners = new ArrayList<>();
    private int version;

    @Override
    public synchronized Optional<Caller> authenticate(String token, String audience) {
        reviews.incrementAndGet();
        fail();
        return Optional.ofNullable(tokens.get(audience + " " + token));
    }

    @Override
    public synchronized boolean mayReadArtifacts(Caller caller, String namespace, String execution) {
        return readers.contains(caller.username() + " " + namespace + "/" + execution);
    }

    @Override
    public synchronized Optional<Pod> pod(String namespace, String name) {
        return Optional.ofNullable(pods.get(namespace + "/" + name));
    }

    @Override
    public synchronized Optional<Pod> pluginPod(String uid) {
        return pods.values().stream()
                .filter(pod -> uid.equals(pod.getMetadata().getUid()))
                .findFirst();
    }

    @Override
    public synchronized boolean setCondition(Pod asRead, PodCondition condition) {
        if (podWritesFail) {
            throw new ClusterUnavailable("told to fail");
        }
        var key =
                asRead.getMetadata().getNamespace() + "/" + asRead.getMetadata().getName();
        var now = pods.get(key);
        if (podConflicts.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
            pods.put(key, versioned(now));
            return false;
        }
        if (now == null
                || !now.getMetadata()
                        .getResourceVersion()
                        .equals(asRead.getMetadata().getResourceVersion())) {
            return false;
        }
        pods.put(
                key,
                versioned(new PodBuilder(now)
                        .editStatus()
                        .removeMatchingFromConditions(other -> other.getType().equals(condition.getType()))
                        .addToConditions(condition)
                        .endStatus()
                        .build()));
        return true;
    }

    @Override
    public synchronized Optional<PluginExecution> execution(String namespace, String name) {
        fail();
        return Optional.ofNullable(executions.get(new NamespacedName(namespace, name)));
    }

    @Override
    public boolean applyReport(PluginExecution asRead, RunReport report) {
        beforeReports.run();
        return applied(asRead, report);
    }

    private synchronized boolean applied(PluginExecution asRead, RunReport report) {
        fail();
        var ref = NamespacedName.of(asRead);
        if (reportConflicts.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
            put(executions.get(ref));
            return false;
        }
        var now = executions.get(ref);
        if (now == null
                || !now.getMetadata()
                        .getResourceVersion()
                        .equals(asRead.getMetadata().getResourceVersion())) {
            return false;
        }
        reportWrites.add(report);
        put(Fixtures.with(now, status -> Fixtures.report(status, report)));
        return true;
    }

    @Override
    public boolean publish(Event event) {
        beforeEvents.run();
        return published(event);
    }

    private synchronized boolean published(Event event) {
        fail();
        if (eventsRefused) {
            return false;
        }
        events.putIfAbsent(event.getMetadata().getName(), event);
        return true;
    }

    @Override
    public synchronized Optional<byte[]> configMapValue(String namespace, String name, String key) {
        return Optional.ofNullable(configMaps.get(namespace + "/" + name + "/" + key))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public synchronized Optional<PluginSpec> plugin(String namespace, String kind, String name) {
        return Optional.ofNullable(plugins.get(kind + " " + name));
    }

    @Override
    public synchronized Optional<ServingMaterial> servingMaterial() {
        return material;
    }

    @Override
    public synchronized void watch(ExecutionListener listener) {
        listeners.add(listener);
        executions.values().forEach(listener::changed);
    }

    @Override
    public boolean watching() {
        return true;
    }

    synchronized void put(PluginExecution execution) {
        execution.getMetadata().setResourceVersion(String.valueOf(++version));
        executions.put(NamespacedName.of(execution), execution);
        listeners.forEach(listener -> listener.changed(execution));
    }

    synchronized void update(PluginExecution execution, UnaryOperator<PluginExecutionStatus> change) {
        put(Fixtures.with(executions.get(NamespacedName.of(execution)), change));
    }

    synchronized void delete(PluginExecution execution) {
        executions.remove(NamespacedName.of(execution));
        pretendGone(execution);
    }

    /** The watch says so; the API server knows better. */
    synchronized void pretendGone(PluginExecution execution) {
        listeners.forEach(listener -> listener.gone(
                execution.getMetadata().getNamespace(),
                execution.getMetadata().getName(),
                execution.getMetadata().getUid()));
    }

    synchronized void put(Pod pod) {
        pods.put(pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName(), versioned(pod));
    }

    /** The processes that watched are gone. */
    synchronized void forgetListeners() {
        listeners.clear();
    }

    synchronized PluginExecution now(PluginExecution execution) {
        return executions.get(NamespacedName.of(execution));
    }

    private Pod versioned(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withResourceVersion(String.valueOf(++version))
                .endMetadata()
                .build();
    }

    private void fail() {
        if (failures.getAndUpdate(count -> Math.max(0, count - 1)) > 0) {
            throw new ClusterUnavailable("told to fail");
        }
    }
}
