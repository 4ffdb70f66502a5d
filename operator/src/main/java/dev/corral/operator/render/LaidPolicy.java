package dev.corral.operator.render;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A network policy of ours as it lies in a namespace: its name, and a hash of all in it that counts. What is rendered gives an equal one,
 * unless what lies there was written by somebody else, before the guards were there, or by a release that rendered it otherwise.
 */
public record LaidPolicy(String name, String content) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    /** A field that no API server has, in the copies that caches keep. */
    private static final String CONTENT = "content";

    /**
     * Of a policy as rendered, or as an API server has it, which fills in nothing where {@link NetworkPolicyRenderer} says everything. Labels
     * of others count no more than annotations do. An owner counts: with it the policy would go.
     */
    public static LaidPolicy of(NetworkPolicy policy) {
        ObjectMeta metadata = policy.getMetadata();
        Map<String, String> labels = new TreeMap<>(Objects.requireNonNullElse(metadata.getLabels(), Map.of()));
        labels.keySet().removeIf(key -> !key.equals(OwnedLabels.MANAGED_BY) && !key.startsWith("corral.dev/"));
        try {
            String text =
                    JSON.writeValueAsString(Arrays.asList(labels, metadata.getOwnerReferences(), policy.getSpec()));
            return new LaidPolicy(metadata.getName(), ObjectNames.hash(text));
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
        slim.setAdditionalProperty(CONTENT, of(policy).content());
        return slim;
    }

    /** Of such a copy. */
    public static LaidPolicy kept(NetworkPolicy slim) {
        return new LaidPolicy(
                slim.getMetadata().getName(),
                String.valueOf(slim.getAdditionalProperties().get(CONTENT)));
    }
}
