package dev.corral.operator.reconcile;

import dev.corral.operator.decide.Action;
import dev.corral.operator.reconcile.Caches.Cache;
import dev.corral.operator.render.LaidPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Our network policies as they lie: what the caches show, and what this process laid that they do not show yet. Of what it laid it knows
 * since when, as long as nobody changes or deletes it. That it lies as it was laid is no news; whatever else happens to one is.
 */
final class LaidPolicies {
    /** How long a policy we laid may be missing from the caches, which hear of others meanwhile, before it counts as gone. */
    private static final Duration IN_FLIGHT = Duration.ofMinutes(1);

    private final Map<ResourceID, Laid> laid = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private volatile Optional<Cache<NetworkPolicy>> caches = Optional.empty();
    /** When the caches last heard of any: who is silent shows nothing, and proves nothing by that. */
    private volatile Instant heard = Instant.EPOCH;

    LaidPolicies(InstantSource clock) {
        this.clock = clock;
    }

    void knows(Cache<NetworkPolicy> all) {
        caches = Optional.of(all);
    }

    /** {@code shown}: by the caches, since it was laid. */
    private record Laid(LaidPolicy policy, Instant until, boolean shown) {}

    /**
     * It lies there now, because of what was decided at that moment. Several may lay the same at once: it counts from the first. What it
     * closed was open until then, which is remembered for all that ran: to lay it may take longer than others take to lay it and to start.
     */
    void laid(Action.ApplyNetworkPolicy due, Instant decided) {
        NetworkPolicy policy = due.policy();
        Instant now = clock.instant();
        laid.values().removeIf(one -> !lies(one));
        ResourceID id = ResourceID.fromResource(policy);
        LaidPolicy its = LaidPolicy.of(policy).since(decided).openUntil(due.opened() ? decided : Instant.EPOCH);
        laid.merge(id, new Laid(its, now.plus(IN_FLIGHT), false), LaidPolicies::first);
        caches.orElseThrow()
                .get(id)
                .ifPresent(
                        shown -> { // before it was written down here
                            if (LaidPolicy.of(shown).says(LaidPolicy.of(policy))) {
                                isNew(shown);
                            }
                        });
    }

    private boolean lies(Laid one) {
        return one.shown() || !heard.isAfter(one.until());
    }

    private static Laid first(Laid before, Laid after) {
        boolean same = before.policy().says(after.policy());
        Laid first = same && !after.policy().since().isBefore(before.policy().since()) ? before : after;
        LaidPolicy its = first.policy()
                .openUntil(before.policy().openUntil())
                .openUntil(after.policy().openUntil());
        return new Laid(its, first.until(), same && before.shown());
    }

    /** Whether it is news that the caches show this one. */
    boolean isNew(NetworkPolicy policy) {
        heard = clock.instant();
        LaidPolicy seen = LaidPolicy.of(policy);
        Laid known = laid.computeIfPresent(
                ResourceID.fromResource(policy),
                (id, mine) -> mine.policy().says(seen)
                        ? new Laid(mine.policy(), mine.until(), true)
                        : mine.shown() ? null : mine); // what is shown before ours is older
        return known == null || !known.policy().says(seen);
    }

    /** Whether it is news that the caches show the one in place of the other: labels of others, annotations and field managers are none. */
    boolean isNew(NetworkPolicy now, NetworkPolicy before) {
        return isNew(now) && !LaidPolicy.of(now).says(LaidPolicy.of(before));
    }

    /** It always is. */
    boolean isNewsThatGone(NetworkPolicy policy) {
        heard = clock.instant();
        laid.computeIfPresent(ResourceID.fromResource(policy), (id, mine) -> mine.shown() ? null : mine);
        return true;
    }

    /** Those of a namespace. */
    Set<LaidPolicy> in(String namespace) {
        Map<String, LaidPolicy> lying = new HashMap<>();
        for (NetworkPolicy policy : caches.orElseThrow().all()) {
            if (namespace.equals(policy.getMetadata().getNamespace())) {
                LaidPolicy found = LaidPolicy.of(policy);
                lying.put(found.name(), found);
            }
        }
        laid.forEach((id, mine) -> {
            if (namespace.equals(id.getNamespace().orElse(null)) && lies(mine)) {
                lying.put(id.getName(), mine.policy());
            }
        });
        return Set.copyOf(lying.values());
    }
}
