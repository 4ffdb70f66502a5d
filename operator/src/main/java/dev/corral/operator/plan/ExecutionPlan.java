package dev.corral.operator.plan;

import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.ImageReference;
import java.util.List;
import java.util.Optional;

/** Everything decided about one attempt of one run. The same plan always renders the same objects. */
public record ExecutionPlan(
        RunIdentity run,
        ImageReference image,
        HandlerPlan handler,
        EffectivePermissions permissions,
        String sandboxClass,
        String networkClass) {

    /** Which run, which attempt. {@code uid} is the execution's, the source of every name we make. */
    public record RunIdentity(String namespace, String name, String uid, int attempt) {}

    /**
     * What is delivered to the launcher at the claim, apart from input and values; {@code files}: whether it is given files, among them
     * the directories of {@code claims}, which are mounted.
     */
    public record HandlerPlan(
            List<String> command,
            List<String> env,
            List<ArtifactSlot> artifacts,
            boolean files,
            List<ClaimDirectory> claims) {
        public HandlerPlan {
            command = List.copyOf(command);
            env = List.copyOf(env);
            artifacts = List.copyOf(artifacts);
            claims = List.copyOf(claims);
        }
    }

    /** A directory of a claim, mounted read-only under the name of a file; {@code path} is empty for the whole claim. */
    public record ClaimDirectory(String name, String claim, String path) {}

    /** One artifact the handler may leave; {@code path} is relative to the output directory, {@code ttl} as declared. */
    public record ArtifactSlot(String name, String path, String type, Optional<String> ttl) {}
}
