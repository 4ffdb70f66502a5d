package dev.corral.operator.decide;

import dev.corral.operator.decide.PoolPods.Kept.State;
import dev.corral.operator.observe.Observation.Absent;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.Observation.Lost;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.Running;
import dev.corral.operator.observe.Observation.Waiting;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The pods of a pool, sorted by what is to become of them. {@code stale}: of another class, or made before its
 * network policies were as they are, to go at once; {@code kept}: of the right
 * class, whatever they are doing; {@code claimed}: how many run executions.
 */
record PoolPods(List<Pod> stale, List<Kept> kept, int claimed) {
    /** A pod that failed stays so long after that, for people to see why: so what never works is tried once a minute, and a node may come back. */
    private static final Duration FAILED = Duration.ofMinutes(1);
    /** A start takes a second, on a node with many of them half a minute: what takes longer waits for an image, or for something else. */
    private static final Duration START = Duration.ofMinutes(1);

    /** A pod of the right class. {@code until}: when it is too old, or has failed for long enough. */
    record Kept(Pod pod, State state, String detail, Instant made, Instant until, boolean over) {
        enum State {
            READY,
            STARTING,
            FAILED
        }
    }

    static PoolPods of(PoolSnapshot world, List<Share> shares, Duration maxAge, Instant now) {
        List<Pod> stale = new ArrayList<>();
        List<Kept> kept = new ArrayList<>();
        int claimed = 0;
        Map<String, Instant> since = shares.stream()
                .collect(Collectors.toMap(Share::template, share -> Laying.since(world.surroundings(), share.plan())));
        for (Pod pod : world.pods()) {
            boolean taken = RunState.pool(pod).isEmpty()
                    || world.claimed().contains(pod.getMetadata().getUid());
            if (taken) {
                claimed += PodReader.launcher(pod).isPresent() ? 1 : 0;
            } else if (pod.getMetadata().getDeletionTimestamp() == null) {
                shares.stream()
                        .filter(share -> share.fits(pod)
                                && Laying.isMade(pod, since.getOrDefault(share.template(), Instant.MAX)))
                        .findFirst()
                        .ifPresentOrElse(
                                share -> kept.add(kept(pod, share, unmounted(world, pod), maxAge, now)),
                                () -> stale.add(pod));
            }
        }
        kept.sort(Comparator.comparing(Kept::made)
                .thenComparing(one -> one.pod().getMetadata().getName()));
        return new PoolPods(List.copyOf(stale), List.copyOf(kept), claimed);
    }

    /** Those of one class. */
    PoolPods of(Share share) {
        return new PoolPods(
                List.of(), kept.stream().filter(one -> share.fits(one.pod())).toList(), 0);
    }

    private static Optional<String> unmounted(PoolSnapshot world, Pod pod) {
        return Optional.ofNullable(world.unmounted().get(pod.getMetadata().getUid()));
    }

    private static Kept kept(Pod pod, Share share, Optional<String> unmounted, Duration maxAge, Instant now) {
        Instant made =
                StatusDraft.time(pod.getMetadata().getCreationTimestamp()).orElse(now);
        return switch (PodReader.read(Optional.of(pod), unmounted)) {
            case Ready ready -> launched(pod, share, ready, made, maxAge, now);
            case Running running -> kept(pod, State.STARTING, "", made, made.plus(maxAge), now);
            case Waiting waiting ->
                PodReader.unproven(waiting)
                        .map(launcher -> launched(pod, share, launcher, made, maxAge, now))
                        .orElseGet(() -> kept(pod, State.STARTING, trouble(waiting), made, made.plus(maxAge), now));
            case Exited exited -> failed(pod, "ended before its run: " + exited.message(), made, exited.at(), now);
            case Lost lost -> failed(pod, lost.detail(), made, made, now);
            case Absent absent -> throw new IllegalStateException("a pod that is there is absent");
        };
    }

    /** Ready is what an execution of the class takes, and nothing else: see {@link WarmStart}. */
    private static Kept launched(Pod pod, Share share, Ready launcher, Instant made, Duration maxAge, Instant now) {
        Optional<Instant> silent = PodReader.silent(pod);
        if (silent.isPresent()) {
            return failed(pod, "the node of the pod does not answer", made, silent.get(), now);
        }
        Proofs proofs = Proofs.of(share.plan().permissions(), launcher.evidence());
        return proofs.missing().isEmpty()
                ? kept(pod, State.READY, "", made, made.plus(maxAge), now)
                : failed(pod, "not proven: " + proofs.lack(), made, PodReader.spoke(pod), now);
    }

    /** {@code since}: where it is known when that was; a pod may have waited for its image before. */
    private static Kept failed(Pod pod, String detail, Instant made, Instant since, Instant now) {
        Instant then = since.isAfter(made) ? since : made;
        return kept(pod, State.FAILED, detail, made, then.plus(FAILED), now);
    }

    private static Kept kept(Pod pod, State state, String detail, Instant made, Instant until, Instant now) {
        return new Kept(pod, state, detail, made, until, !now.isBefore(until));
    }

    private static String trouble(Waiting waiting) {
        return switch (waiting.cause()) {
            case Unschedulable, Image, Secret, Uncreatable -> waiting.detail();
            case Unscheduled, Creating, Unproven -> "";
        };
    }

    /** Those that count towards what is wanted: also failed ones for a while, but none that is too old. */
    List<Kept> fresh() {
        return kept.stream().filter(one -> !one.over()).toList();
    }

    int count(State state) {
        return (int) kept.stream().filter(one -> one.state() == state).count();
    }

    /** Those whose start takes their node's time now. One that something holds up takes none, and may be held up until it is too old. */
    int underWay(Instant now) {
        return (int) kept.stream()
                .filter(one -> one.state() == State.STARTING && one.detail().isBlank())
                .filter(one -> now.isBefore(one.made().plus(START)))
                .count();
    }

    List<Pod> failed() {
        return kept.stream()
                .filter(one -> one.state() == State.FAILED && one.over())
                .map(Kept::pod)
                .toList();
    }

    /**
     * The oldest first, one for each new one that is ready: where a quota has no room for all of the new ones, the old ones make it. What is
     * old and not even ready goes at once.
     */
    List<Pod> replaced(int wanted) {
        Stream<Kept> ready = old(State.READY).limit(Math.max(0, count(State.READY) - wanted));
        return Stream.concat(old(State.STARTING), ready).map(Kept::pod).toList();
    }

    private Stream<Kept> old(State state) {
        return kept.stream().filter(one -> one.over() && one.state() == state);
    }

    /** More than wanted: first what is not ready, then the oldest. */
    List<Pod> surplus(int wanted) {
        return fresh().stream()
                .sorted(Comparator.comparing((Kept one) -> one.state() == State.READY)
                        .thenComparing(Kept::made))
                .limit(Math.max(0, fresh().size() - wanted))
                .map(Kept::pod)
                .toList();
    }

    /** Of the oldest pod that has any. */
    Optional<String> trouble() {
        return kept.stream()
                .filter(one -> !one.detail().isBlank())
                .map(one -> "pod " + one.pod().getMetadata().getName() + ": " + one.detail())
                .findFirst();
    }

    /** When the next pod is too old or has failed long enough. */
    Optional<Duration> nextDeadline(Instant now) {
        return kept.stream()
                .filter(one -> !one.over())
                .map(one -> Duration.between(now, one.until()))
                .min(Comparator.naturalOrder());
    }
}
