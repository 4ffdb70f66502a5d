package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginPoolSpec;
import dev.corral.operator.decide.PoolPods.Kept;
import dev.corral.operator.permission.Durations;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.render.PodIdentity;
import dev.corral.operator.render.PodRenderer;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a pool as it is wanted: pods of the class that an execution without narrowing gets under the present policies, or of the classes
 * that ran lately, verified and waiting. A pure function; pods of another class, too old or too many go, claimed ones are never touched.
 */
public final class PoolDecider {
    private static final Duration MAX_AGE = Duration.ofHours(1);
    private static final int REFILL = 5;
    /** While claims run, one in so many of the wanted pods starts at a time, at least one: starts slow the runs down. */
    private static final int BESIDE_CLAIMS = 20;
    /** As long as one in so many is ready; below that, as many start at a time. */
    private static final int STOCK = 4;

    private static final Duration SOON = Duration.ofMillis(250);
    private static final Duration ROUTINE = Duration.ofMinutes(1);
    /** A pool that names nothing looks so often at what runs. */
    private static final Duration DEMAND = Duration.ofSeconds(10);
    /** The status follows claims at this distance, so that a claim costs no write of it. */
    private static final Duration STATUS_PACE = Duration.ofSeconds(5);

    private final Admission admission;

    public PoolDecider(AlwaysExcepted excepted) {
        this.admission = new Admission(excepted);
    }

    /** Pods a pool may make per second. */
    public static int refill(PluginPool pool) {
        PluginPoolSpec spec = pool.getSpec();
        return spec == null || spec.refillPerSecond() == null ? REFILL : spec.refillPerSecond();
    }

    public PoolDecision decide(PoolSnapshot world, Instant now) {
        PluginPoolSpec spec = world.pool().getSpec();
        if (spec == null || spec.replicas() == null || (spec.plugin() == null) != (spec.handler() == null)) {
            return empty(world, ConditionReason.Malformed, "spec cannot be read", now);
        }
        Duration maxAge = maxAge(spec);
        List<Share> kinds = new ArrayList<>();
        for (Demand demand : world.demands()) {
            Snapshot asExecution = world.asExecution(demand);
            switch (admission.admitAhead(asExecution, now, new StatusDraft(asExecution.execution(), now, now))) {
                case Admission.Missing missing
                when !world.isAutomatic() -> {
                    return empty(world, missing.reason(), missing.message(), now);
                }
                case Admission.Refused(Ending ending)
                when !world.isAutomatic() -> {
                    return empty(world, ending.reason(), ending.message(), now);
                }
                case Admission.Missing ignored -> {} // such runs do not start, warm or cold
                case Admission.Refused ignored -> {}
                case Admission.Planned planned ->
                    throw new IllegalStateException("a pool's execution is no plan: " + planned.ending());
                case Admission.Admitted admitted ->
                    kinds.add(Share.of(demand.asked(), demand.runs(), admitted.plan(), world.installation(), maxAge));
            }
        }
        return fill(world, Share.classes(kinds), maxAge, now);
    }

    /** Nothing may wait that nothing may claim. */
    private static PoolDecision empty(PoolSnapshot world, ConditionReason reason, String message, Instant now) {
        PoolPods pods = PoolPods.of(world, List.of(), MAX_AGE, now);
        PoolStatus status = new PoolStatus(world, pods, List.of(), reason, message, now);
        return new PoolDecision(
                List.of(), deletions(pods.stale()), status.due(STATUS_PACE), status.next(STATUS_PACE, ROUTINE));
    }

    private PoolDecision fill(PoolSnapshot world, List<Share> classes, Duration maxAge, Instant now) {
        PoolPods pods = PoolPods.of(world, classes, maxAge, now);
        int replicas = world.pool().getSpec().replicas();
        List<Share> shares = Share.divide(
                classes.stream()
                        .map(share -> share.having(pods.of(share).fresh().size()))
                        .toList(),
                replicas);
        int wanted = shares.stream().mapToInt(Share::wanted).sum();
        int lacking = shares.stream().mapToInt(Share::lacking).sum();
        // of classes that run less than they did, pods stay until others need their place
        int excess = Math.max(0, pods.fresh().size() + lacking - replicas);
        int room = world.refusal().isPresent()
                ? 0
                : Math.clamp(replicas - pods.fresh().size(), 0, allowed(world, pods, wanted, now));
        List<Action.Laid> lay = new ArrayList<>();
        List<Pod> clear = new ArrayList<>(pods.stale());
        PodRenderer renderer = new PodRenderer(world.installation());
        int created = 0;
        for (Share share : shares) {
            if (share.lacking() > 0) {
                lay.addAll(Laying.policies(world.surroundings(), share.plan()));
            }
            for (int end = created + Math.min(share.lacking(), room - created); created < end; created++) {
                Pod pod = renderer.render(
                        share.plan(), identity(world.pool(), world.nonces().get(created), share, maxAge));
                lay.add(new Action.CreatePod(OwnedLabels.decided(pod, now)));
            }
            PoolPods mine = pods.of(share);
            clear.addAll(mine.failed());
            clear.addAll(mine.replaced(share.wanted()));
            List<Pod> surplus = mine.surplus(share.wanted());
            clear.addAll(surplus.subList(0, Math.min(excess, surplus.size())));
            excess -= Math.min(excess, surplus.size());
        }
        PoolStatus status = status(world, pods, shares, wanted, now);
        Duration routine = world.isAutomatic() ? DEMAND : ROUTINE;
        Duration next = lacking > created || !clear.isEmpty()
                ? SOON
                : pods.nextDeadline(now).orElse(routine);
        return new PoolDecision(
                lay,
                deletions(clear),
                status.due(STATUS_PACE),
                status.next(STATUS_PACE, next.compareTo(routine) > 0 ? routine : next));
    }

    private static int allowed(PoolSnapshot world, PoolPods pods, int wanted, Instant now) {
        int paced = Math.min(world.budget(), world.nonces().size());
        if (!world.claimsRun()) {
            return paced;
        }
        boolean stocked = pods.count(Kept.State.READY) * STOCK >= wanted;
        int atOnce = Math.max(1, wanted / (stocked ? BESIDE_CLAIMS : STOCK));
        return Math.clamp(atOnce - pods.underWay(now), 0, paced);
    }

    private static PoolStatus status(PoolSnapshot world, PoolPods pods, List<Share> shares, int wanted, Instant now) {
        Optional<String> trouble = world.refusal().map(PodRefusals::explain).or(pods::trouble);
        boolean full = shares.stream().allMatch(share -> pods.of(share).count(Kept.State.READY) >= share.wanted());
        ConditionReason reason = full
                ? ConditionReason.PoolFull
                : trouble.isPresent() ? ConditionReason.PoolFailing : ConditionReason.PoolFilling;
        String what = wanted + " wanted" + (world.isAutomatic() ? " for what ran in the last 10m" : "");
        String message = switch (reason) {
            case PoolFull -> what + ", as many wait";
            case PoolFailing -> trouble.orElse("");
            default -> what + ", fewer wait";
        };
        return new PoolStatus(world, pods, shares, reason, message, now);
    }

    private static PodIdentity identity(PluginPool pool, String nonce, Share share, Duration maxAge) {
        return PodIdentity.ofPool(
                pool.getMetadata().getName(),
                pool.getMetadata().getUid(),
                nonce,
                Demand.kind(share.asked()),
                share.template(),
                maxAge.multipliedBy(2)); // it is replaced at maxAge; the kubelet's clock is only the backstop
    }

    private static Duration maxAge(PluginPoolSpec spec) {
        return Durations.read(spec.maxAge()).orElse(MAX_AGE);
    }

    private static List<Action.DeletePod> deletions(List<Pod> pods) {
        return pods.stream().distinct().map(Action.DeletePod::of).toList();
    }
}
