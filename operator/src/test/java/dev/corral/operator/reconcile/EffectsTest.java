package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.cluster.Applier;
import dev.corral.operator.cluster.MockedApi;
import dev.corral.operator.decide.Action;
import dev.corral.operator.render.NetworkPolicyRenderer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is made of what an API server answered to a policy. */
class EffectsTest {
    private static final String PATH =
            "/apis/networking.k8s.io/v1/namespaces/team-a/networkpolicies/corral-default-deny";
    private static final NetworkPolicy DENY = NetworkPolicyRenderer.defaultDeny("team-a");

    private final MockedApi api = new MockedApi();
    private final List<Action.ApplyNetworkPolicy> lies = new ArrayList<>();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aPolicyThatLiesAsItWasGivenIsKnownToLie() {
        api.answer("PATCH", PATH + "?fieldManager=corral-controller&force=true", 200, DENY);
        assertThat(lay(false)).isEmpty();
        assertThat(lies)
                .singleElement()
                .satisfies(due -> assertThat(due.policy()).isEqualTo(DENY));
    }

    /** Where an open network is tolerated, or probed, it is as good as it can be made; it does not lie as it is rendered, though. */
    @Test
    void aPolicyThatAWebhookChangesIsLaidOnlyWhereThatIsTolerated() {
        changing();
        assertThat(lay(false)).hasValueSatisfying(words -> assertThat(words).contains("was changed on its way"));
        changing();
        assertThat(lay(true)).isEmpty();
        assertThat(lies).isEmpty();
    }

    private Optional<String> lay(boolean asChanged) {
        return new Effects(new Applier(api.client()))
                .lay(new Action.ApplyNetworkPolicy(DENY, asChanged, false), lies::add);
    }

    private void changing() {
        var changed = new NetworkPolicyBuilder(DENY)
                .editMetadata()
                .withUid("u")
                .endMetadata()
                .editSpec()
                .addNewEgress()
                .endEgress()
                .endSpec()
                .build();
        api.answer("PATCH", PATH + "?fieldManager=corral-controller&force=true", 200, changed);
        api.answer("PATCH", PATH, 200, changed);
    }
}
