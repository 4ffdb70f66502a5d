package dev.corral.operator.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A network policy of ours as it lies in a namespace: hashes of all in it that counts, and {@code since} when it is known to lie so. What is
 * rendered is the same, unless what lies there was written by somebody else, before the guards were there, or by a release that rendered
 * it otherwise. {@code marks}: our labels, and the owners, with which it would go; {@code rules}: of each rule, whatever it opens; {@code
 * openUntil}: when something, or nothing, is known to have lain there last that opened more.
 */
public record LaidPolicy(String name, String marks, String spec, List<String> rules, Instant since, Instant openUntil) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    /** A field that no API server has, in the copies that caches keep. */
    private static final String CONTENT = "content";
    /** Enough for nearly all that are rendered. Of one with more rules these count as one, so that it has not more to be kept than others. */
    private static final int MOST_RULES = 64;
    /** It may be gone any moment: whoever holds it back says when. */
    private static final String GOING = "being deleted";

    public LaidPolicy {
        rules = List.copyOf(rules);
    }

    /**
     * Of a policy as rendered, as an API server has it, which fills in nothing where {@link NetworkPolicyRenderer} says everything, or as a
     * cache keeps it. Labels of others count no more than annotations do.
     */
    public static LaidPolicy of(NetworkPolicy policy) {
        String name = policy.getMetadata().getName();
        if (policy.getAdditionalProperties().get(CONTENT) instanceof List<?> kept) {
            List<String> content = kept.stream().map(String::valueOf).toList();
            return new LaidPolicy(
                    name,
                    content.get(0),
                    content.get(1),
                    content.subList(2, content.size()),
                    Instant.EPOCH,
                    Instant.EPOCH);
        }
        return policy.getMetadata().getDeletionTimestamp() == null
                ? new LaidPolicy(
                        name,
                        marks(policy.getMetadata()),
                        hash(policy.getSpec()),
                        rules(policy),
                        Instant.EPOCH,
                        Instant.EPOCH)
                : new LaidPolicy(name, GOING, GOING, rules(policy), Instant.EPOCH, Instant.EPOCH);
    }

    private static String marks(ObjectMeta metadata) {
        Map<String, String> labels = new TreeMap<>(Objects.requireNonNullElse(metadata.getLabels(), Map.of()));
        labels.keySet().removeIf(key -> !key.equals(OwnedLabels.MANAGED_BY) && !key.startsWith("corral.dev/"));
        return hash(Arrays.asList(labels, metadata.getOwnerReferences()));
    }

    private static List<String> rules(NetworkPolicy policy) {
        NetworkPolicySpec spec = Objects.requireNonNullElseGet(policy.getSpec(), NetworkPolicySpec::new);
        List<Object> rules = new ArrayList<>();
        Objects.requireNonNullElse(spec.getIngress(), List.of())
                .forEach(rule -> rules.add(Arrays.asList("from", rule)));
        Objects.requireNonNullElse(spec.getEgress(), List.of()).forEach(rule -> rules.add(Arrays.asList("to", rule)));
        return rules.size() > MOST_RULES
                ? List.of(hash(rules))
                : rules.stream().map(rule -> hash(rule).substring(0, 16)).toList();
    }

    private static String hash(@Nullable Object part) {
        try {
            return ObjectNames.hash(JSON.writeValueAsString(part));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("an object that was read can be written", impossible);
        }
    }

    /** The policy as a cache keeps it: enough to find it and to compare it, whatever was written into one that passes for ours. */
    public static NetworkPolicy slim(NetworkPolicy policy) {
        ObjectMeta metadata = new ObjectMeta();
        metadata.setNamespace(policy.getMetadata().getNamespace());
        metadata.setName(policy.getMetadata().getName());
        metadata.setUid(policy.getMetadata().getUid());
        metadata.setResourceVersion(policy.getMetadata().getResourceVersion());
        metadata.setGeneration(policy.getMetadata().getGeneration());
        NetworkPolicy slim = new NetworkPolicy();
        slim.setMetadata(metadata);
        LaidPolicy kept = of(policy);
        slim.setAdditionalProperty(
                CONTENT,
                Stream.concat(Stream.of(kept.marks(), kept.spec()), kept.rules().stream())
                        .toList());
        return slim;
    }

    /** The same, which is known to lie so since that moment. */
    public LaidPolicy since(Instant moment) {
        return new LaidPolicy(name, marks, spec, rules, moment, openUntil);
    }

    /** The same, in whose place something else was until that moment, or later. */
    public LaidPolicy openUntil(Instant moment) {
        return new LaidPolicy(name, marks, spec, rules, since, moment.isAfter(openUntil) ? moment : openUntil);
    }

    /** Whether both say the same, whenever. */
    public boolean says(LaidPolicy other) {
        return name.equals(other.name)
                && marks.equals(other.marks)
                && spec.equals(other.spec)
                && rules.equals(other.rules);
    }

    /**
     * Whether this, which lies there, opens what the rendered one does not. One that is rendered without a rule closes by being there as it is:
     * it selects the pods and the directions. A release that renders fewer rules of a class has to call the class otherwise, or it stops
     * what runs behind the rules of the one before.
     */
    public boolean opensMoreThan(LaidPolicy rendered) {
        return rendered.rules.isEmpty()
                ? !spec.equals(rendered.spec)
                : !new HashSet<>(rendered.rules).containsAll(rules);
    }
}
