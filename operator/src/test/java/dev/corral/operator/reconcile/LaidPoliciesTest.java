package dev.corral.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.decide.Action;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.NetworkPolicyRenderer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What lies, since when, and what of it is news. */
class LaidPoliciesTest {
    private static final Instant NOW = Instant.parse("2026-11-23T07:00:00Z");
    private static final NetworkPolicy DENY = NetworkPolicyRenderer.defaultDeny("team-a");
    private static final LaidPolicy LIES = LaidPolicy.of(DENY);

    private final List<NetworkPolicy> shown = new ArrayList<>();
    private Instant now = NOW;
    private final LaidPolicies policies = new LaidPolicies(() -> now);

    LaidPoliciesTest() {
        policies.knows(new Shown<>(shown));
    }

    @Test
    void whatIsKnownToLieIsWhatTheCachesShow() {
        show(DENY);
        assertThat(policies.in("team-a")).containsExactly(LIES);
        assertThat(policies.in("team-b")).isEmpty();
    }

    /** Else the next look, milliseconds later, would find it gone. */
    @Test
    void whatWasLaidLiesBeforeTheCachesShowIt() {
        lay(DENY, NOW);
        assertThat(policies.in("team-a")).containsExactly(LIES.since(NOW));

        assertThat(policies.isNew(DENY)).as("ours, as we laid it").isFalse();
        show(DENY);
        now = NOW.plusSeconds(3_600);
        assertThat(policies.in("team-a")).containsExactly(LIES.since(NOW));
    }

    /** Caches that hear of nothing show nothing, which is no proof. */
    @Test
    void whatTheCachesDoNotShowIsGoneOnceTheyShowOthers() {
        lay(DENY, NOW);
        now = NOW.plusSeconds(59);
        policies.isNew(NetworkPolicyRenderer.defaultDeny("team-b"));
        now = NOW.plusSeconds(600);
        assertThat(policies.in("team-a")).as("nothing was heard since").isNotEmpty();
        policies.isNew(NetworkPolicyRenderer.defaultDeny("team-b"));
        assertThat(policies.in("team-a")).isEmpty();
    }

    /** Whoever ran meanwhile, and looks only now, is to know. */
    @Test
    void whatLayOpenBeforeIsRemembered() {
        lay(DENY, NOW);
        policies.isNew(DENY);
        show(opened());
        policies.isNew(opened(), slim(DENY));

        now = NOW.plusSeconds(5);
        policies.laid(new Action.ApplyNetworkPolicy(DENY, false, true), NOW.plusSeconds(4));
        policies.isNew(DENY, slim(opened()));
        show(DENY);
        now = NOW.plusSeconds(6);
        lay(DENY, now);
        assertThat(policies.in("team-a"))
                .singleElement()
                .satisfies(its -> assertThat(its.openUntil()).isEqualTo(NOW.plusSeconds(4)));
    }

    /** Executions that start at the same moment lay the same, and none of their pods is older than that. */
    @Test
    void whatSeveralLayAtOnceLiesSinceTheFirst() {
        lay(DENY, NOW.plusMillis(5));
        lay(DENY, NOW);
        lay(DENY, NOW.plusMillis(9));
        assertThat(policies.in("team-a")).containsExactly(LIES.since(NOW));
        policies.isNew(DENY);
        show(DENY);
        lay(DENY, NOW.plusMillis(12));
        assertThat(policies.in("team-a")).containsExactly(LIES.since(NOW));
    }

    @Test
    void whatIsChangedAndLaidAnewLiesSinceThen() {
        lay(DENY, NOW);
        policies.isNew(DENY);
        show(opened());
        assertThat(policies.isNew(opened(), slim(DENY))).isTrue();
        assertThat(policies.in("team-a")).containsExactly(LaidPolicy.of(opened()));

        lay(DENY, NOW.plusSeconds(5));
        assertThat(policies.in("team-a")).as("not shown yet").containsExactly(LIES.since(NOW.plusSeconds(5)));
        assertThat(policies.isNew(DENY, slim(opened()))).isFalse();
        show(DENY);
        assertThat(policies.in("team-a")).containsExactly(LIES.since(NOW.plusSeconds(5)));
    }

    @Test
    void whatIsDeletedIsGoneAndNews() {
        lay(DENY, NOW);
        policies.isNew(DENY);
        assertThat(policies.isNewsThatGone(DENY)).isTrue();
        assertThat(policies.in("team-a")).isEmpty();
        assertThat(policies.isNew(DENY)).as("somebody else made it").isTrue();
    }

    /** An answer may come after the watch has told of it. */
    @Test
    void whatIsShownBeforeItIsKnownToBeLaidIsShown() {
        show(DENY);
        policies.isNew(DENY);
        lay(DENY, NOW);
        policies.isNewsThatGone(DENY);
        shown.clear();
        assertThat(policies.in("team-a")).isEmpty();
    }

    /** Where a webhook changes it each time, whoever lays it would wake itself by that. */
    @Test
    void whatSaysTheSameIsNoNews() {
        var touched = new NetworkPolicyBuilder(opened())
                .editMetadata()
                .withResourceVersion("8")
                .withGeneration(9L)
                .withAnnotations(Map.of("a", "b"))
                .endMetadata()
                .build();
        assertThat(policies.isNew(opened())).as("as the webhook left it").isTrue();
        assertThat(policies.isNew(touched, slim(opened()))).isFalse();
    }

    private void lay(NetworkPolicy policy, Instant decided) {
        policies.laid(new Action.ApplyNetworkPolicy(policy, false, false), decided);
    }

    private void show(NetworkPolicy policy) {
        shown.clear();
        shown.add(slim(policy));
    }

    private static NetworkPolicy slim(NetworkPolicy policy) {
        return LaidPolicy.slim(policy);
    }

    private static NetworkPolicy opened() {
        return new NetworkPolicyBuilder(DENY)
                .editSpec()
                .addNewEgress()
                .endEgress()
                .endSpec()
                .build();
    }
}
