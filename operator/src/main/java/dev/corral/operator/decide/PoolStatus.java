package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import dev.corral.api.v1alpha1.PluginPoolStatus;
import dev.corral.api.v1alpha1.PoolShare;
import dev.corral.api.v1alpha1.Reserved;
import dev.corral.operator.decide.PoolPods.Kept;
import dev.corral.operator.permission.Quantity;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.status.ConditionSet;
import dev.corral.operator.status.PlainText;
import dev.corral.operator.status.Readable;
import io.fabric8.kubernetes.api.model.Pod;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The status of a pool as it should be, and when to write it. */
final class PoolStatus {
    private final PluginPoolStatus wanted;
    private final @Nullable PluginPoolStatus before;
    private final Optional<Instant> written;
    private final Instant now;

    PoolStatus(
            PoolSnapshot world,
            PoolPods pods,
            List<Share> shares,
            ConditionReason reason,
            String message,
            Instant now) {
        this.before = world.pool().getStatus();
        this.written = world.written();
        this.now = now;
        Long generation = world.pool().getMetadata().getGeneration();
        long observed = generation == null ? 0 : generation;
        List<Condition> conditions = before == null ? null : before.conditions();
        ConditionSet set = new ConditionSet(conditions, observed, now);
        String text = PlainText.shown(message, ConditionSet.MESSAGE_LIMIT);
        if (reason == ConditionReason.PoolFull) {
            set.yes(ConditionType.Ready, reason, text);
        } else {
            set.no(ConditionType.Ready, reason, text);
        }
        if (reason == ConditionReason.PoolFilling) {
            set.yes(ConditionType.Reconciling, reason, text);
        } else {
            set.no(ConditionType.Reconciling, reason, "");
        }
        if (isForSomebodyToMend(reason)) {
            set.yes(ConditionType.Stalled, reason, text);
        } else {
            set.no(ConditionType.Stalled, reason, "");
        }
        int ready = pods.count(Kept.State.READY);
        int starting = pods.count(Kept.State.STARTING);
        Optional<String> named = world.isAutomatic()
                ? Optional.empty()
                : shares.stream().map(share -> share.plan().sandboxClass()).findFirst();
        wanted = new PluginPoolStatus(
                observed,
                set.list(),
                ready + starting,
                ready,
                starting,
                pods.claimed(),
                named.orElse(null),
                // without one an autoscaler does nothing, and there is no class before anything ran
                world.isAutomatic()
                        ? OwnedLabels.PLUGIN_POD + "=true"
                        : named.map(name -> OwnedLabels.SANDBOX_CLASS + "=" + name)
                                .orElse(null),
                world.isAutomatic()
                        ? shares.stream()
                                .filter(share -> share.wanted() > 0)
                                .map(share -> shown(share, pods))
                                .toList()
                        : null,
                new Reserved(Quantity.cpuText(sum(pods, "cpu", 1000)), Readable.bytes(sum(pods, "memory", 1))));
    }

    /** Whether pool, plugin or policies must change first. A plugin that is missing is waited for, and pods that fail are made again. */
    private static boolean isForSomebodyToMend(ConditionReason reason) {
        return switch (reason) {
            case Denied, Malformed, HandlerNotFound -> true;
            default -> false;
        };
    }

    private static PoolShare shown(Share share, PoolPods pods) {
        return new PoolShare(
                share.asked().plugin(),
                share.asked().handler(),
                share.plan().sandboxClass(),
                share.wanted(),
                pods.of(share).count(Kept.State.READY));
    }

    /** In thousandths for CPU, in bytes for memory. */
    private static long sum(PoolPods pods, String resource, int factor) {
        return pods.kept().stream()
                .map(Kept::pod)
                .mapToLong(pod -> request(pod, resource, factor))
                .sum();
    }

    private static long request(Pod pod, String resource, int factor) {
        return pod.getSpec().getContainers().stream()
                .filter(container -> container.getResources() != null
                        && container.getResources().getRequests() != null
                        && container.getResources().getRequests().containsKey(resource))
                .mapToLong(container -> container
                        .getResources()
                        .getRequests()
                        .get(resource)
                        .getNumericalAmount()
                        .multiply(BigDecimal.valueOf(factor))
                        .longValue())
                .sum();
    }

    /** At once where the verdict on the pool changes, else at a distance to the last write; never where nothing changed. */
    Optional<PluginPoolStatus> due(Duration pace) {
        if (wanted.equals(before)) {
            return Optional.empty();
        }
        return pressing() || left(pace).isEmpty() ? Optional.of(wanted) : Optional.empty();
    }

    /** When to look again: at the latest when a write that waits is due. */
    Duration next(Duration pace, Duration otherwise) {
        Optional<Duration> left = wanted.equals(before) || pressing() ? Optional.empty() : left(pace);
        return left.filter(wait -> wait.compareTo(otherwise) < 0).orElse(otherwise);
    }

    private boolean pressing() {
        return before == null
                || !Pools.kept(before).equals(Pools.kept(wanted))
                || !Objects.equals(before.observedGeneration(), wanted.observedGeneration());
    }

    private Optional<Duration> left(Duration pace) {
        return written.map(last -> Duration.between(now, last.plus(pace))).filter(Duration::isPositive);
    }
}
