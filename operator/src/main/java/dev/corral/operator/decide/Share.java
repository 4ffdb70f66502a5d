package dev.corral.operator.decide;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.render.PodIdentity;
import dev.corral.operator.render.PodRenderer;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One class a pool keeps pods of. {@code asked}: what it is the class of; {@code runs}: how many asked for it; {@code template}: a hash
 * of all that its pods are made from; {@code wanted}: how many of them are to wait.
 */
record Share(PluginExecutionSpec asked, int runs, ExecutionPlan plan, String template, int wanted) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    static Share of(
            PluginExecutionSpec asked, int runs, ExecutionPlan plan, Installation installation, Duration maxAge) {
        return new Share(asked, runs, plan, template(installation, plan, maxAge), 0);
    }

    boolean fits(Pod pod) {
        return RunState.samePlan(pod, plan)
                && template.equals(pod.getMetadata().getAnnotations().get(OwnedLabels.TEMPLATE));
    }

    /**
     * Divides the budget: each pod goes to the class with the most runs per pod it would then have, and none has more pods than runs
     * (D'Hondt's method). Kinds of runs that are of one class share.
     */
    static List<Share> divide(List<Share> kinds, int budget) {
        List<Share> shares = new ArrayList<>();
        for (Share kind : kinds) {
            int same = 0;
            while (same < shares.size() && !shares.get(same).template().equals(kind.template())) {
                same++;
            }
            if (same == shares.size()) {
                shares.add(kind);
            } else {
                shares.set(same, shares.get(same).with(shares.get(same).runs() + kind.runs(), 0));
            }
        }
        for (int given = 0; given < budget; given++) {
            int next = -1;
            for (int i = 0; i < shares.size(); i++) {
                if (shares.get(i).lacks() && (next < 0 || shares.get(i).isMoreUrgentThan(shares.get(next)))) {
                    next = i;
                }
            }
            if (next < 0) {
                break;
            }
            shares.set(
                    next,
                    shares.get(next)
                            .with(shares.get(next).runs(), shares.get(next).wanted() + 1));
        }
        shares.sort(Comparator.comparing(Share::wanted)
                .reversed()
                .thenComparing(share -> share.plan().sandboxClass()));
        return List.copyOf(shares);
    }

    private boolean lacks() {
        return wanted < runs;
    }

    private boolean isMoreUrgentThan(Share other) {
        return (long) runs * (other.wanted + 1) > (long) other.runs * (wanted + 1);
    }

    private Share with(int allRuns, int pods) {
        return new Share(asked, allRuns, plan, template, pods);
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
}
