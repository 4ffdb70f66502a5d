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
 * of all that its pods are made from; {@code pods}: how many are there; {@code wanted}: how many of them are to wait.
 */
record Share(PluginExecutionSpec asked, int runs, ExecutionPlan plan, String template, int pods, int wanted) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    static Share of(
            PluginExecutionSpec asked, int runs, ExecutionPlan plan, Installation installation, Duration maxAge) {
        return new Share(asked, runs, plan, template(installation, plan, maxAge), 0, 0);
    }

    boolean fits(Pod pod) {
        return RunState.samePlan(pod, plan)
                && template.equals(pod.getMetadata().getAnnotations().get(OwnedLabels.TEMPLATE));
    }

    /** The classes of these kinds: kinds of runs that are of one class share. */
    static List<Share> classes(List<Share> kinds) {
        List<Share> classes = new ArrayList<>();
        for (Share kind : kinds) {
            int same = 0;
            while (same < classes.size() && !classes.get(same).template().equals(kind.template())) {
                same++;
            }
            if (same == classes.size()) {
                classes.add(kind);
            } else {
                classes.set(same, classes.get(same).with(classes.get(same).runs() + kind.runs(), 0, 0));
            }
        }
        return List.copyOf(classes);
    }

    /** The same class, of which so many pods are there. */
    Share having(int there) {
        return with(runs, there, wanted);
    }

    /**
     * Divides the budget: each pod goes to the class with the most runs per pod it would then have, and none has more pods than runs
     * (D'Hondt's method). For pods that are there runs count twice.
     */
    static List<Share> divide(List<Share> classes, int budget) {
        List<Share> shares = new ArrayList<>(classes);
        for (int given = 0; given < budget; given++) {
            int next = -1;
            for (int i = 0; i < shares.size(); i++) {
                if (shares.get(i).wantsMore() && (next < 0 || shares.get(i).isMoreUrgentThan(shares.get(next)))) {
                    next = i;
                }
            }
            if (next < 0) {
                break;
            }
            Share more = shares.get(next);
            shares.set(next, more.with(more.runs(), more.pods(), more.wanted() + 1));
        }
        shares.sort(Comparator.comparing(Share::wanted)
                .reversed()
                .thenComparing(share -> share.plan().sandboxClass()));
        return List.copyOf(shares);
    }

    /** How many pods are to be made. */
    int lacking() {
        return Math.max(0, wanted - pods);
    }

    private boolean wantsMore() {
        return wanted < runs;
    }

    private boolean isMoreUrgentThan(Share other) {
        return weight() * (other.wanted + 1) > other.weight() * (wanted + 1);
    }

    private long weight() {
        return (long) runs * (wanted < pods ? Demand.STAYS : 1);
    }

    private Share with(int allRuns, int there, int toWait) {
        return new Share(asked, allRuns, plan, template, there, toWait);
    }

    /** Of everything a waiting pod is made from but its name and user: what waits under another one is drained. */
    private static String template(Installation installation, ExecutionPlan plan, Duration maxAge) {
        Pod pod = new PodRenderer(installation)
                .render(plan, PodIdentity.ofPool("any", "any", "any", "", "", maxAge.multipliedBy(2)));
        try {
            return ObjectNames.hash(
                            JSON.writeValueAsString(List.of(pod.getMetadata().getLabels(), pod.getSpec())))
                    .substring(0, 16);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a pod we made can be written", impossible);
        }
    }
}
