package dev.corral.operator.policy;

import static dev.corral.operator.permission.LimitField.MEMORY;
import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.env;
import static dev.corral.operator.policy.Wording.limit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A policy in Audit tells what it would do, and does nothing. */
class AuditTest {
    private static List<String> audited(Scene scene) {
        return ((Verdict.Granted) scene.verdict()).audited();
    }

    @Test
    void itsGrantsAreNone() {
        assertThat(aPluginAsking(env("LANG"))
                        .with(policy("audit", env("*")).auditing())
                        .reasons())
                .containsExactly(DenialReason.NoPolicy);
        assertThat(aPluginAsking(env("LANG"))
                        .with(policy("base"))
                        .with(policy("audit", env("*")).auditing())
                        .reasons())
                .containsExactly(DenialReason.EnvNotGranted);
    }

    @Test
    void itDoesNotTakeThePlaceOfTheFallback() {
        assertThat(aPluginAsking(env("LANG"))
                        .with(policy("fallback", env("*")).fallback())
                        .with(policy("audit").auditing())
                        .granted()
                        .env())
                .hasSize(1);
    }

    @Test
    void itsDeniesAreTold() {
        Scene scene = aPluginAsking(cidrs("203.0.113.0/24:443"), env("LANG"))
                .with(policy("base", cidrs("203.0.113.0/24:443"), env("*")))
                .with(policy("audit").denying(cidrs("203.0.0.0/16:*")).auditing());
        assertThat(scene.granted().cidrs()).hasSize(1);
        assertThat(scene.granted().cidrs().getFirst().except()).isEmpty();
        assertThat(audited(scene))
                .containsExactly(
                        "would be denied by ClusterPluginPolicy/audit: Plugin/link-checker asks for network.cidrs"
                                + " \"203.0.113.0/24:443\", which is denied by ClusterPluginPolicy/audit (\"203.0.0.0/16:*\")");
    }

    @Test
    void itsLimitsAreTold() {
        Scene scene = aPluginAsking()
                .with(policy("base", limit(MEMORY, 128 << 20)))
                .with(policy("audit", limit(MEMORY, 64 << 20)).auditing());
        assertThat(scene.granted().limits().memoryBytes()).isEqualTo(128 << 20);
        assertThat(audited(scene)).containsExactly("would be lowered by ClusterPluginPolicy/audit: limits.memory 64Mi");
        assertThat(audited(aPluginAsking()
                        .with(policy("base", limit(MEMORY, 32 << 20)))
                        .with(policy("audit", limit(MEMORY, 64 << 20)).auditing())))
                .isEmpty();
    }

    @Test
    void aNamespacePolicyToo() {
        Scene scene = aPluginAsking(env("LANG"))
                .with(policy("base", env("*")))
                .with(new NamespaceRule(
                        new PolicyId("PluginPolicy", "audit", "u", 1),
                        Set.of(),
                        Optional.of(Wording.all(env("A*"))),
                        Wording.all(),
                        Mode.AUDIT,
                        List.of()));
        assertThat(scene.granted().env()).hasSize(1);
        assertThat(audited(scene))
                .containsExactly("would be denied by PluginPolicy/audit: Plugin/link-checker asks for env \"LANG\","
                        + " which PluginPolicy/audit does not list");
    }

    @Test
    void oneThatCannotBeReadRefusesNothing() {
        assertThat(aPluginAsking()
                        .with(policy("base"))
                        .with(policy("audit")
                                .auditing()
                                .unreadable(new Violation("spec.denies", ViolationReason.Malformed, "is odd")))
                        .granted())
                .isNotNull();
    }
}
