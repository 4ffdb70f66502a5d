package dev.corral.operator.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.plan.ExecutionPlan.HandlerPlan;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.policy.Granted;
import dev.corral.operator.policy.ImageReference;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pods of one class share a network policy, so a class must be of one network only. */
class PlannerTest {
    private final Planner planner = new Planner(guarded(""));

    private static Installation guarded(String guard) {
        return new Installation("corral-system", "x", LauncherDelivery.ImageVolume, "10.96.0.50", "", "test", guard);
    }

    @Test
    void theSameGrantIsTheSameClassWhoeverHasIt() {
        assertThat(planned("one", "203.0.113.0/24:443").networkClass())
                .isEqualTo(planned("two", "203.0.113.0/24:443").networkClass());
    }

    /** Of these two the SHA-256 begins with the same 40 bits; whoever may ask for ranges of ports finds such pairs in seconds. */
    @Test
    void twoGrantsThatWereLookedForAreTwoClasses() {
        var one = planned("one", "203.0.113.123/32:9542-64999");
        var two = planned("two", "203.0.113.253/32:1573-65000");

        assertThat(one.networkClass()).startsWith("dd540e075e").isNotEqualTo(two.networkClass());
        assertThat(two.networkClass()).startsWith("dd540e075e").hasSizeBetween(32, 50);
        assertThat(one.sandboxClass()).isNotEqualTo(two.sandboxClass()).hasSizeBetween(32, 63);
    }

    /** Who may have made pods of a class, or got into them, before there was this guard, made none of this one. */
    @Test
    void whatWasThereBeforeTheGuardIsOfAnotherClassOnTheSameNetwork() {
        var first = planned(new Planner(guarded("first")), "one", "203.0.113.0/24:443");
        var second = planned(new Planner(guarded("second")), "one", "203.0.113.0/24:443");

        assertThat(first.sandboxClass())
                .isNotEqualTo(second.sandboxClass())
                .isNotEqualTo(planned("one", "203.0.113.0/24:443").sandboxClass());
        assertThat(first.networkClass()).isEqualTo(second.networkClass());
    }

    private ExecutionPlan planned(String name, String cidr) {
        return planned(planner, name, cidr);
    }

    private static ExecutionPlan planned(Planner planner, String name, String cidr) {
        return planner.plan(
                new RunIdentity("team-a", name, name + "-uid", 1),
                ImageReference.parse("registry.example.org/a@sha256:" + "4f".repeat(32), "")
                        .orElseThrow(),
                new HandlerPlan(List.of("/app/check"), List.of(), List.of(), false, List.of()),
                Granted.addresses(cidr));
    }
}
