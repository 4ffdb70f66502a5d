package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.operator.spec.Recent;
import dev.corral.operator.spec.Slim;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the watch told of executions, by name and by the session that runs them; and where launchers wait for a change. */
final class Executions implements GatewayCluster.ExecutionListener {
    private final Map<NamespacedName, PluginExecution> byName = new ConcurrentHashMap<>();
    private final Map<String, NamespacedName> byUid = new ConcurrentHashMap<>();
    /** Those that name a session, in the order their claims were seen: usually one. */
    private final Map<String, List<NamespacedName>> bySession = new ConcurrentHashMap<>();
    /** Whom a session was given the assignment of, by uid. */
    private final Recent<SessionId, String> served = new Recent<>(65_536);

    private final Map<String, Set<CompletableFuture<Void>>> waiting = new ConcurrentHashMap<>();
    private final Recent<SessionId, NamespacedName> everBound = new Recent<>(65_536);

    @Override
    public void changed(PluginExecution execution) {
        var ref = NamespacedName.of(execution);
        var previous = byName.put(ref, BoundRun.ended(execution) ? remains(execution) : Slim.of(execution));
        byUid.put(execution.getMetadata().getUid(), ref);
        if (previous != null && !uid(previous).equals(uid(execution))) {
            byUid.remove(uid(previous));
        }
        var before = previous == null ? null : session(previous);
        var now = session(execution);
        if (now != null) {
            bySession.merge(now, List.of(ref), Executions::together);
        }
        if (before != null && !before.equals(now)) {
            letGo(before, ref);
            wake(before);
        }
        if (now != null) {
            wake(now);
        }
    }

    @Override
    public void gone(String namespace, String name, String uid) {
        var ref = new NamespacedName(namespace, name);
        var last = byName.get(ref);
        byUid.remove(uid);
        if (last == null || !uid(last).equals(uid) || !byName.remove(ref, last)) {
            return;
        }
        var session = session(last);
        if (session != null) {
            letGo(session, ref);
            wake(session);
        }
    }

    Optional<PluginExecution> named(NamespacedName ref) {
        return Optional.ofNullable(byName.get(ref));
    }

    boolean lives(String uid) {
        return byUid.containsKey(uid);
    }

    /**
     * The execution whose attempt names exactly this session of exactly this pod. Where two do, which two leaders at once can bring
     * about, it is the one that was served, or that the launcher says it runs ({@code uid}), or that has been heard from; before any
     * of that the one whose claim was seen first.
     */
    Optional<BoundRun> boundTo(SessionId id, Optional<String> uid) {
        var claims = bySession.getOrDefault(id.session(), List.of()).stream()
                .flatMap(ref -> Optional.ofNullable(byName.get(ref)).stream())
                .flatMap(execution -> BoundRun.of(execution, id).stream())
                .toList();
        var one = served.get(id).or(() -> uid);
        var found = one.isPresent()
                ? claims.stream().filter(run -> one.get().equals(run.uid())).findFirst()
                : claims.stream()
                        .filter(run -> run.report().isPresent())
                        .findFirst()
                        .or(() -> claims.stream().findFirst());
        found.ifPresent(run -> everBound.put(id, run.name()));
        return found;
    }

    /** From now on this session is nobody else's. */
    void served(SessionId id, String uid) {
        served.put(id, uid);
    }

    private void letGo(String session, NamespacedName ref) {
        bySession.computeIfPresent(session, (key, all) -> {
            var rest = all.stream().filter(other -> !other.equals(ref)).toList();
            return rest.isEmpty() ? null : rest;
        });
    }

    private static List<NamespacedName> together(List<NamespacedName> some, List<NamespacedName> more) {
        return Stream.concat(some.stream(), more.stream()).distinct().toList();
    }

    /** The execution this session was seen to belong to, which may have moved on since. */
    Optional<NamespacedName> onceBoundTo(SessionId id) {
        return everBound.get(id);
    }

    /** Whether the execution it was seen to belong to has ended or is gone: nothing that is remembered of it is asked for again. */
    boolean isOver(SessionId id) {
        return onceBoundTo(id).flatMap(this::named).map(BoundRun::ended).orElse(true);
    }

    /** Asks until there is an answer, again after every change that concerns the session, until patience ends. */
    <T> Optional<T> await(String session, Duration patience, Supplier<Optional<T>> question) {
        var timeUp = new CompletableFuture<Void>().completeOnTimeout(null, patience.toMillis(), TimeUnit.MILLISECONDS);
        while (true) {
            var change = register(session);
            try {
                // registered before asking, so that no change falls between the question and the wait
                var answer = question.get();
                if (answer.isPresent() || timeUp.isDone()) {
                    return answer;
                }
                CompletableFuture.anyOf(change, timeUp).join();
            } finally {
                unregister(session, change);
            }
        }
    }

    private static @Nullable String session(PluginExecution execution) {
        var status = execution.getStatus();
        return status == null || status.attempt() == null
                ? null
                : status.attempt().session();
    }

    private static String uid(PluginExecution execution) {
        return execution.getMetadata().getUid();
    }

    private CompletableFuture<Void> register(String session) {
        var change = new CompletableFuture<Void>();
        waiting.compute(session, (key, others) -> {
            var all = others == null ? new HashSet<CompletableFuture<Void>>() : others;
            all.add(change);
            return all;
        });
        return change;
    }

    private void unregister(String session, CompletableFuture<Void> change) {
        waiting.computeIfPresent(session, (key, others) -> {
            others.remove(change);
            return others.isEmpty() ? null : others;
        });
    }

    private void wake(String session) {
        var all = waiting.remove(session);
        if (all != null) {
            all.forEach(change -> change.complete(null));
        }
    }

    /** Of a finished execution readers need the artifacts, sessions the end: a hundred thousand of them must fit in memory. */
    private static PluginExecution remains(PluginExecution execution) {
        var metadata = execution.getMetadata();
        var status = execution.getStatus();
        var remains = new PluginExecution();
        remains.setMetadata(new ObjectMetaBuilder()
                .withNamespace(metadata.getNamespace())
                .withName(metadata.getName())
                .withUid(metadata.getUid())
                .build());
        remains.setStatus(PluginExecutionStatus.remains(
                null, null, null, status.completionTime(), null, status.attempt(), status.artifacts(), null, null));
        return remains;
    }
}
