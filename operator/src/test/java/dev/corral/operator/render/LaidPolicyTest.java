package dev.corral.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What lies there is ours only if nothing that counts was written by somebody else. */
class LaidPolicyTest {
    private static final NetworkPolicy DENY = NetworkPolicyRenderer.defaultDeny("team-a");

    @Test
    void whatTheApiServerAddsDoesNotCountNorLabelsAndAnnotationsOfOthers() {
        var found = changed(policy -> {
            policy.getMetadata().setUid("u");
            policy.getMetadata().setGeneration(1L);
            policy.getMetadata().setResourceVersion("7");
            policy.getMetadata().setAnnotations(Map.of("a", "b"));
            policy.getMetadata().getLabels().put("team", "a");
        });

        assertThat(LaidPolicy.of(found)).isEqualTo(LaidPolicy.of(DENY));
    }

    @Test
    void whateverWidensOrRemovesItCounts() {
        differs(policy -> policy.getSpec().setEgress(List.of(new NetworkPolicyEgressRule())));
        differs(policy -> policy.getSpec().setPolicyTypes(List.of("Ingress")));
        differs(policy -> policy.getSpec().getPodSelector().setMatchLabels(Map.of("app", "web")));
        differs(policy -> policy.getSpec().setAdditionalProperty("new", "x"));
        differs(policy -> policy.getMetadata().getLabels().put(OwnedLabels.NETWORK_CLASS, "x"));
        differs(policy -> policy.getMetadata().setOwnerReferences(List.of(new OwnerReference())));
    }

    @Test
    void aCacheKeepsEnoughToCompareAndNotMore() {
        var large = changed(policy -> {
            policy.getMetadata().setAnnotations(Map.of("a", "x".repeat(250_000)));
            policy.getMetadata().getLabels().put("b", "x".repeat(250_000));
        });

        var slim = LaidPolicy.slim(large);

        assertThat(Serialization.asJson(slim)).hasSizeLessThan(300);
        assertThat(LaidPolicy.kept(slim)).isEqualTo(LaidPolicy.of(DENY));
    }

    private static void differs(Consumer<NetworkPolicy> change) {
        var found = changed(change);
        assertThat(LaidPolicy.of(found).name()).isEqualTo(ObjectNames.DEFAULT_DENY);
        assertThat(LaidPolicy.of(found)).isNotEqualTo(LaidPolicy.of(DENY));
        assertThat(LaidPolicy.kept(LaidPolicy.slim(found))).isEqualTo(LaidPolicy.of(found));
    }

    private static NetworkPolicy changed(Consumer<NetworkPolicy> change) {
        var found = Serialization.clone(DENY);
        change.accept(found);
        return found;
    }
}
