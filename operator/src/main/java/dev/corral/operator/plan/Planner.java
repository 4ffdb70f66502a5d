package dev.corral.operator.plan;

import dev.corral.operator.plan.ExecutionPlan.HandlerPlan;
import dev.corral.operator.plan.ExecutionPlan.RunIdentity;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.ImageReference;
import dev.corral.operator.policy.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Turns a grant into a plan: names the classes its pod belongs to. */
public final class Planner {
    /**
     * Forty hex digits name a class: pods of one name share a network policy and a pool, and tenants write much of what is hashed. Nobody
     * must be able to look for two grants of one name, as was done with 40 bits in three seconds.
     */
    private static final int CLASS_LENGTH = 40;

    private final Installation installation;

    public Planner(Installation installation) {
        this.installation = installation;
    }

    public ExecutionPlan plan(
            RunIdentity run, ImageReference image, HandlerPlan handler, EffectivePermissions permissions) {
        String network = networkClass(permissions);
        List<String> sandbox = new ArrayList<>(List.of(
                "sandbox",
                image.toString(),
                permissions.hash(),
                network,
                installation.launcherImage(),
                installation.delivery().name()));
        if (!installation.guard().isEmpty()) {
            // whatever was there before the guard has another class, whoever made it or got into it
            sandbox.add("guard " + installation.guard());
        }
        if (handler.files()) {
            sandbox.add("files");
        }
        handler.claims().forEach(directory -> sandbox.add(directory.toString()));
        return new ExecutionPlan(run, image, handler, permissions, hash(sandbox), network);
    }

    /** Of the network grants alone, and of where the gateway listens: it names the NetworkPolicy. */
    public String networkClass(EffectivePermissions permissions) {
        List<String> network = new ArrayList<>(List.of(
                "network",
                installation.namespace() + ":" + Installation.LAUNCHER_PORT,
                permissions.cidrs().toString(),
                permissions.peers().toString(),
                permissions.services().toString()));
        if (!permissions.hosts().isEmpty()) {
            network.add("hosts"); // which ones is the gateway's business
        }
        return hash(network);
    }

    private static String hash(List<String> parts) {
        StringBuilder text = new StringBuilder();
        for (String part : parts) {
            // lengths in between, so that no two lists of parts read the same
            text.append(part.getBytes(StandardCharsets.UTF_8).length)
                    .append(':')
                    .append(part);
        }
        return Sha256.hex(text.toString()).substring(0, CLASS_LENGTH);
    }
}
