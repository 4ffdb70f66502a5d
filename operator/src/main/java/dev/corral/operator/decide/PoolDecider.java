package dev.corral.operator.decide;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.PluginPool;
import dev.corral.api.v1alpha1.PluginPoolSpec;
import dev.corral.operator.decide.PoolPods.Kept;
import dev.corral.operator.permission.Durations;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.render.ObjectNames;
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
 * Keeps a pool as it is wanted: pods of the class that an execution without narrowing gets under the present policies, verified and
 * waiting. A pure function; pods of another class, too old or too many go, claimed ones are never touched.
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
    /** The status follows claims at this distance, so that a claim costs no write of it. */
    private static final Duration STATUS_PACE = Duration.ofSeconds(5);

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

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
        if (spec == null || spec.plugin() == null || spec.replicas() == null) {
            return empty(world, ConditionReason.Malformed, "spec cannot be read", now);
        }
        Snapshot asExecution = world.asExecution();
        StatusDraft draft = new StatusDraft(asExecution.execution(), now, now);
        return switch (admission.admitAhead(asExecution, now, draft)) {
            case Admission.Missing missing -> empty(world, missing.reason(), missing.message(), now);
            case Admission.Refused(Ending ending) -> empty(world, ending.reason(), ending.message(), now);
            case Admission.Planned planned ->
                throw new IllegalStateException("a pool's execution is no plan: " + planned.ending());
            case Admission.Admitted admitted -> fill(world, admitted.plan(), now);
        };
    }

    /** Nothing may wait that nothing may claim. */
    private static PoolDecision empty(PoolSnapshot world, ConditionReason reason, String message, Instant now) {
        PoolPods pods = PoolPods.of(world, pod -> false, MAX_AGE, now);
        PoolStatus status = new PoolStatus(world, pods, Optional.empty(), reason, message, now);
        return new PoolDecision(
                List.of(), deletions(pods.stale()), status.due(STATUS_PACE), status.next(STATUS_PACE, ROUTINE));
    }

    private PoolDecision fill(PoolSnapshot world, ExecutionPlan plan, Instant now) {
        Duration maxAge = maxAge(world.pool().getSpec());
        String template = template(world.installation(), plan, maxAge);
        PoolPods pods = PoolPods.of(
                world,
                pod -> RunState.samePlan(pod, plan)
                        && template.equals(pod.getMetadata().getAnnotations().get(OwnedLabels.TEMPLATE)),
                maxAge,
                now);
        int wanted = world.pool().getSpec().replicas();
        int missing = wanted - pods.fresh().size();
        int created = world.refusal().isPresent() ? 0 : Math.clamp(missing, 0, allowed(world, pods, wanted));
        List<Action> lay = new ArrayList<>();
        if (missing > 0) {
            lay.addAll(Laying.policies(world.surroundings(), plan));
        }
        PodRenderer renderer = new PodRenderer(world.installation());
        for (int i = 0; i < created; i++) {
            lay.add(new Action.CreatePod(
                    renderer.render(plan, identity(world.pool(), world.nonces().get(i), template, maxAge))));
        }
        List<Pod> clear = new ArrayList<>(pods.stale());
        clear.addAll(pods.failed());
        clear.addAll(pods.replaced(wanted));
        clear.addAll(pods.surplus(wanted));
        PoolStatus status = status(world, pods, plan, wanted, now);
        Duration next = missing > created || !clear.isEmpty()
                ? SOON
                : pods.nextDeadline(now).orElse(ROUTINE);
        return new PoolDecision(
                lay,
                deletions(clear),
                status.due(STATUS_PACE),
                status.next(STATUS_PACE, next.compareTo(ROUTINE) > 0 ? ROUTINE : next));
    }

    private static int allowed(PoolSnapshot world, PoolPods pods, int wanted) {
        int paced = Math.min(world.budget(), world.nonces().size());
        if (!world.claimsRun()) {
            return paced;
        }
        boolean stocked = pods.count(Kept.State.READY) * STOCK >= wanted;
        int atOnce = Math.max(1, wanted / (stocked ? BESIDE_CLAIMS : STOCK));
        return Math.clamp(atOnce - pods.count(Kept.State.STARTING), 0, paced);
    }

    private static PoolStatus status(PoolSnapshot world, PoolPods pods, ExecutionPlan plan, int wanted, Instant now) {
        Optional<String> trouble =
                world.refusal().map(words -> "the pod was refused: " + words).or(pods::trouble);
        int ready = pods.count(Kept.State.READY);
        ConditionReason reason = trouble.isPresent() && ready < wanted
                ? ConditionReason.PoolFailing
                : ready >= wanted ? ConditionReason.PoolFull : ConditionReason.PoolFilling;
        String message = switch (reason) {
            case PoolFull -> wanted + " wanted, as many wait";
            case PoolFailing -> trouble.orElse("");
            default -> wanted + " wanted, fewer wait";
        };
        return new PoolStatus(world, pods, Optional.of(plan), reason, message, now);
    }

    private static PodIdentity identity(PluginPool pool, String nonce, String template, Duration maxAge) {
        return PodIdentity.ofPool(
                pool.getMetadata().getName(),
                pool.getMetadata().getUid(),
                nonce,
                template,
                maxAge.multipliedBy(2)); // it is replaced at maxAge; the kubelet's clock is only the backstop
    }

    /** Of everything a waiting pod is made from but its name and user: what waits under another one is drained. */
    private static String template(Installation installation, ExecutionPlan plan, Duration maxAge) {
        Pod pod = new PodRenderer(installation)
                .render(plan, PodIdentity.ofPool("any", "any", "any", "", maxAge.multipliedBy(2)));
        try {
            return ObjectNames.hash(
                            JSON.writeValueAsString(List.of(pod.getMetadata().getLabels(), pod.getSpec())))
                    .substring(0, 16);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a pod we made can be written", impossible);
        }
    }

    private static Duration maxAge(PluginPoolSpec spec) {
        return spec.maxAge() != null
                        && Durations.parse(spec.maxAge(), "spec.maxAge") instanceof Parsed.Value<Long>(Long millis)
                ? Duration.ofMillis(millis)
                : MAX_AGE;
    }

    private static List<Action.DeletePod> deletions(List<Pod> pods) {
        return pods.stream()
                .distinct()
                .map(pod -> new Action.DeletePod(
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid()))
                .toList();
    }
}
