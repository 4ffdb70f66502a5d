package dev.corral.operator.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Names come from uids alone, and fit wherever Kubernetes puts them. */
class ObjectNamesTest {
    @Property
    void aPodNameIsShortValidAndNeverATenantsText(@ForAll String name, @ForAll String uid, @ForAll int attempt) {
        String pod = ObjectNames.pod(new RunIdentity("team-a", name, uid, attempt));
        assertThat(pod).matches("pex-[0-9a-f]{20}");
        assertThat(pod).isEqualTo(ObjectNames.pod(new RunIdentity("team-b", "other", uid, attempt)));
        assertThat(pod).isNotEqualTo(ObjectNames.pod(new RunIdentity("team-a", name, uid + "x", attempt)));
        assertThat(pod).isNotEqualTo(ObjectNames.pod(new RunIdentity("team-a", name, uid, attempt + 1)));
    }

    @Property
    void aUidExistsInsideAUserNamespaceAndIsNeverASystemAccount(@ForAll String uid) {
        long number = ObjectNames.uid(new RunIdentity("team-a", "x", uid, 1));
        assertThat(number).isBetween(10_000L, 59_999L);
    }
}
