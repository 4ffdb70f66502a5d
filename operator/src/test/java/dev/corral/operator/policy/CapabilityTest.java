package dev.corral.operator.policy;

import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.limitedTo;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Scene.sections;
import static dev.corral.operator.policy.Wording.capabilities;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.env;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Section;
import dev.corral.operator.policy.Scene.Rule;
import org.junit.jupiter.api.Test;

/** A plugin capability is a name for grants: required by a plugin, given its meaning by a policy, bounded by all others. */
class CapabilityTest {
    private static Rule browsers() {
        return policy("browsers", cidrs("203.0.113.0/24:443"), env("DISPLAY")).definingCapability("browser");
    }

    private static Scene browsing() {
        return aPluginAsking(capabilities("browser")).with(policy("base"));
    }

    @Test
    void aNameExpandsToWhatItsPolicyGrants() {
        EffectivePermissions effective = browsing().with(browsers()).granted();
        assertThat(effective.lines())
                .extracting(EffectiveLine::toString)
                .contains(
                        "capability browser ← ClusterPluginPolicy/browsers (browser)",
                        "network.cidr 203.0.113.0/24:443 ← ClusterPluginPolicy/browsers (browser)",
                        "env DISPLAY ← ClusterPluginPolicy/browsers (browser)");
        assertThat(effective.cidrs()).hasSize(1);
        assertThat(effective.env()).hasSize(1);
    }

    @Test
    void aNameNobodyDefinesIsRefusedAndSaysWhatWouldDefineIt() {
        Denial denial = browsing().denied().getFirst();
        assertThat(denial.path()).isEqualTo("spec.permissions.capabilities[0]");
        assertThat(denial.reason()).isEqualTo(DenialReason.CapabilityUnknown);
        assertThat(denial.remedy())
                .isEqualTo("A new ClusterPluginPolicy would define and grant it with: spec: {capability: \"browser\","
                        + " namespaces: {matchLabels: {kubernetes.io/metadata.name: \"team-a\"}}, grants: {}},"
                        + " and under grants what it means");
    }

    @Test
    void whoeverDoesNotRequireItHasNothingOfIt() {
        assertThat(aPluginAsking(cidrs("203.0.113.0/24:443"))
                        .with(policy("base"))
                        .with(browsers())
                        .reasons())
                .containsExactly(DenialReason.NetworkNotGranted);
        assertThat(aPluginAsking()
                        .with(policy("base"))
                        .with(browsers())
                        .granted()
                        .cidrs())
                .isEmpty();
    }

    @Test
    void aDefinitionForOtherNamespacesIsNone() {
        assertThat(browsing()
                        .with(browsers().inNamespacesLabelled("tier", "other"))
                        .reasons())
                .containsExactly(DenialReason.CapabilityUnknown);
    }

    @Test
    void deniesAndNamespacePoliciesBoundIt() {
        assertThat(browsing()
                        .with(browsers())
                        .with(policy("no-display").denying(env("DISPLAY")))
                        .reasons())
                .containsExactly(DenialReason.DeniedByPolicy);
        assertThat(browsing()
                        .with(browsers())
                        .with(policy("none").denying(capabilities("browser")))
                        .reasons())
                .containsExactly(DenialReason.DeniedByPolicy);
        assertThat(browsing()
                        .with(browsers())
                        .with(limitedTo("quiet", capabilities("browser"), env("*")))
                        .reasons())
                .containsExactly(DenialReason.NarrowedByNamespace);
        assertThat(browsing()
                        .with(browsers())
                        .with(limitedTo("quiet", cidrs("203.0.113.0/24:443"), env("*")))
                        .reasons())
                .containsExactly(DenialReason.NarrowedByNamespace);
    }

    @Test
    void aDenyOfOneNameIsNotADenyOfAnother() {
        assertThat(browsing()
                        .with(browsers())
                        .with(policy("none").denying(capabilities("gpu")))
                        .granted()
                        .env())
                .hasSize(1);
    }

    @Test
    void anExecutionLeavesItOutAsAWholeAndNotInPart() {
        assertThat(browsing()
                        .with(browsers())
                        .executionNarrowing(sections(Section.CAPABILITIES))
                        .granted()
                        .cidrs())
                .isEmpty();
        assertThat(browsing()
                        .with(browsers())
                        .executionNarrowing(sections(Section.NETWORK))
                        .reasons())
                .containsExactly(DenialReason.CapabilityIncomplete);
    }

    /** Its policy is about those that require it: who leaves it out is free of the rest of that policy, too. */
    @Test
    void whoLeavesItOutIsNotBoundByItsPolicy() {
        Scene scene = aPluginAsking(capabilities("browser"), env("LANG"))
                .with(policy("base", env("*")))
                .with(browsers().denying(env("LANG")));
        assertThat(scene.reasons()).containsExactly(DenialReason.DeniedByPolicy);
        assertThat(scene.executionNarrowing(sections(Section.CAPABILITIES))
                        .granted()
                        .env())
                .hasSize(1);
    }

    @Test
    void onlyPoliciesGiveIt() {
        assertThat(aPluginAsking()
                        .with(policy("base"))
                        .with(browsers())
                        .executionNarrowing(sections(Section.CAPABILITIES), capabilities("browser"))
                        .reasons())
                .containsExactly(DenialReason.ExceedsPlugin);
        assertThat(browsing().with(browsers().expiring(Scene.NOW)).reasons())
                .containsExactly(DenialReason.CapabilityUnknown);
    }

    @Test
    void theFallbackStaysBesideIt() {
        assertThat(aPluginAsking(capabilities("browser"), env("LANG"))
                        .with(policy("fallback", env("*")).fallback())
                        .with(browsers())
                        .granted()
                        .env())
                .hasSize(2);
    }
}
