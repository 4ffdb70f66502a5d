package dev.corral.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.policy.Granted;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Collections;
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

        assertThat(Serialization.asJson(slim)).hasSizeLessThan(400);
        assertThat(LaidPolicy.of(slim)).isEqualTo(LaidPolicy.of(DENY));
        assertThat(Serialization.asJson(LaidPolicy.slim(slim))).isEqualTo(Serialization.asJson(slim));
        var read = Serialization.unmarshal(Serialization.asJson(slim), NetworkPolicy.class);
        assertThat(LaidPolicy.of(read)).as("of a page").isEqualTo(LaidPolicy.of(DENY));

        var dense = changed(
                policy -> policy.getSpec().setEgress(Collections.nCopies(4_000, new NetworkPolicyEgressRule())));
        assertThat(Serialization.asJson(LaidPolicy.slim(dense))).hasSizeLessThan(400);
    }

    /** Whoever holds it back says when it goes. */
    @Test
    void oneThatIsBeingDeletedLiesNoMore() {
        differs(policy -> policy.getMetadata().setDeletionTimestamp("2026-11-23T07:00:00Z"));
    }

    @Test
    void whatOpensMoreThanWasRendered() {
        var installation =
                new Installation("corral-system", "x", LauncherDelivery.ImageVolume, "10.96.0.50", "", "test", "");
        var rendered = new NetworkPolicyRenderer(installation)
                .forClass("team-a", "class", Granted.addresses("203.0.113.0/24:80", "198.51.100.0/24:443"));
        var owners = List.of(new OwnerReference());
        assertThat(opensMore(rendered, policy -> policy.getMetadata().setOwnerReferences(owners)))
                .isFalse();
        assertThat(opensMore(rendered, policy -> policy.getSpec().getEgress().removeLast()))
                .isFalse();
        assertThat(opensMore(rendered, policy -> policy.getSpec().setEgress(List.of(new NetworkPolicyEgressRule()))))
                .isTrue();
        assertThat(opensMore(rendered, policy -> policy.getSpec().setIngress(List.of(new NetworkPolicyIngressRule()))))
                .isTrue();
        assertThat(opensMore(
                        rendered,
                        policy -> policy.getSpec().getEgress().getLast().setPorts(List.of())))
                .isTrue();

        assertThat(opensMore(DENY, policy -> policy.getMetadata().setOwnerReferences(owners)))
                .isFalse();
        assertThat(opensMore(DENY, policy -> policy.getSpec().setPolicyTypes(List.of("Egress"))))
                .isTrue();
        assertThat(opensMore(DENY, policy -> policy.getSpec().getPodSelector().setMatchLabels(Map.of("app", "web"))))
                .isTrue();
        assertThat(opensMore(DENY, policy -> policy.getMetadata().setDeletionTimestamp("2026-11-23T07:00:00Z")))
                .isTrue();
    }

    private static boolean opensMore(NetworkPolicy rendered, Consumer<NetworkPolicy> change) {
        var found = Serialization.clone(rendered);
        change.accept(found);
        return LaidPolicy.of(LaidPolicy.slim(found)).opensMoreThan(LaidPolicy.of(rendered));
    }

    private static void differs(Consumer<NetworkPolicy> change) {
        var found = changed(change);
        assertThat(LaidPolicy.of(found).name()).isEqualTo(ObjectNames.DEFAULT_DENY);
        assertThat(LaidPolicy.of(found)).isNotEqualTo(LaidPolicy.of(DENY));
        assertThat(LaidPolicy.of(LaidPolicy.slim(found))).isEqualTo(LaidPolicy.of(found));
    }

    private static NetworkPolicy changed(Consumer<NetworkPolicy> change) {
        var found = Serialization.clone(DENY);
        change.accept(found);
        return found;
    }
}
