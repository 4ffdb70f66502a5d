package dev.corral.operator.policy;

import static dev.corral.operator.permission.LimitField.MEMORY;
import static dev.corral.operator.permission.PermissionField.FILES_READ;
import static dev.corral.operator.permission.PermissionField.FILES_WRITE;
import static dev.corral.operator.policy.Scene.aPluginAsking;
import static dev.corral.operator.policy.Scene.denying;
import static dev.corral.operator.policy.Scene.limitedTo;
import static dev.corral.operator.policy.Scene.policy;
import static dev.corral.operator.policy.Wording.cidrs;
import static dev.corral.operator.policy.Wording.env;
import static dev.corral.operator.policy.Wording.files;
import static dev.corral.operator.policy.Wording.hosts;
import static dev.corral.operator.policy.Wording.limit;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A policy in Audit tells what it would do, and does nothing. */
class AuditTest {
    private static List<String> audited(Scene scene) {
        return ((Verdict.Granted) scene.verdict()).audited();
    }

    private static NamespaceRule auditing(NamespaceRule rule) {
        return new NamespaceRule(rule.id(), rule.plugins(), rule.limitTo(), rule.denies(), Mode.AUDIT, rule.problems());
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
    void aLimitItWouldRaiseAboveTheBuiltInDefaultIsNotToldAsLowered() {
        var scene = aPluginAsking(limit(MEMORY, 512 << 20))
                .with(policy("base"))
                .with(policy("audit", limit(MEMORY, 1024 << 20)).auditing());
        assertThat(scene.granted().limits().memoryBytes()).isEqualTo(256 << 20);
        assertThat(audited(scene)).isEmpty();
    }

    @Test
    void aLimitThatHoldsAnywayIsNotToldAsLowered() {
        assertThat(audited(aPluginAsking()
                        .with(policy("base", limit(MEMORY, 128 << 20)))
                        .with(limitedTo("team", limit(MEMORY, 64 << 20)))
                        .with(policy("audit", limit(MEMORY, 64 << 20)).auditing())))
                .isEmpty();
    }

    @Test
    void moreDeniedHostsThanARunHoldsAreTold() {
        String[] many = IntStream.rangeClosed(0, EffectivePermissions.MOST_DENIED_HOSTS)
                .mapToObj(i -> "h" + i + ".example.org")
                .toArray(String[]::new);
        Scene scene = aPluginAsking(hosts("*.example.org"))
                .with(policy("base", hosts("*.example.org")))
                .with(auditing(denying("audit", hosts(many))));
        assertThat(scene.granted().denyHosts()).isEmpty();
        assertThat(audited(scene))
                .containsExactly(
                        "would be denied by PluginPolicy/audit: Plugin/link-checker would have 257"
                                + " network.denyHosts, counting what policies deny inside its hosts, and a run holds at most 256");
    }

    @Test
    void whatTwoOfThemDoTogetherIsToldOfBoth() {
        String[] many = IntStream.rangeClosed(0, EffectivePermissions.MOST_DENIED_HOSTS)
                .mapToObj(i -> "h" + i + ".example.org")
                .toArray(String[]::new);
        assertThat(audited(aPluginAsking(hosts("*.example.org"))
                        .with(policy("base", hosts("*.example.org")))
                        .with(policy("audit")
                                .denying(hosts(Arrays.copyOf(many, 200)))
                                .auditing())
                        .with(auditing(denying("audit", hosts(Arrays.copyOfRange(many, 200, many.length)))))))
                .singleElement()
                .asString()
                .startsWith("would be denied by ClusterPluginPolicy/audit and PluginPolicy/audit: ");
    }

    @Test
    void whatItCutsOutOfAGrantIsTold() {
        Scene scene = aPluginAsking(cidrs("203.0.113.0/24:443"), hosts("*.example.org"), files(FILES_READ, "/app/**"))
                .with(policy("base", cidrs("203.0.113.0/24:443"), hosts("*.example.org"), files(FILES_READ, "/**"))
                        .denying(files(FILES_READ, "/app/keys/**")))
                .with(policy("audit")
                        .denying(
                                cidrs("203.0.113.128/25:*"),
                                hosts("admin.example.org:*"),
                                files(FILES_READ, "/app/keys/**", "/app/logs/**"),
                                files(FILES_WRITE, "/work/keep/**"))
                        .auditing());
        assertThat(scene.granted().cidrs().getFirst().except()).isEmpty();
        assertThat(audited(scene))
                .containsExactlyInAnyOrder(
                        "would be lowered by ClusterPluginPolicy/audit: network.cidr 203.0.113.0/24:443 except 203.0.113.128/25",
                        "would be lowered by ClusterPluginPolicy/audit: network.denyHost admin.example.org:*",
                        "would be lowered by ClusterPluginPolicy/audit: files.deny /app/logs/**",
                        "would be lowered by ClusterPluginPolicy/audit: files.denyWrite /work/keep/**");
    }

    @Test
    void aNamespacePolicyToo() {
        Scene scene =
                aPluginAsking(env("LANG")).with(policy("base", env("*"))).with(auditing(limitedTo("audit", env("A*"))));
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
