package dev.corral.operator.observe;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the launcher measured inside the pod before it declared itself ready; absent values prove nothing. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Evidence(
        @Nullable String launcher,
        @Nullable Integer uid,
        @Nullable String uidMap,
        @Nullable String capEff,
        @Nullable Boolean noNewPrivs,
        @Nullable Integer seccomp,
        @Nullable Boolean rootReadOnly,
        @Nullable Integer landlockAbi,
        @Nullable String pidsMax,
        @Nullable String cgroup,
        @Nullable Restriction files,
        @Nullable Restriction commands,
        @Nullable Restriction proxy,
        @Nullable Sentinel sentinel) {

    /** The attempt to reach the port that must stay closed. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Sentinel(
            @Nullable Boolean reachable,
            @Nullable String answer,
            @Nullable Integer millis,
            @Nullable Integer attempts) {}

    /** What became of the class's globs, programs or ports in the sandbox; {@code partial} says why the kernel does not hold all of it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Restriction(
            @Nullable Integer rules, @Nullable List<String> partial) {}

    /** Whether the container's own cgroup bounds its processes. The kubelet's podPidsLimit is on the pod's, which the container does not see. */
    public boolean boundsProcesses() {
        return pidsMax != null && pidsMax.matches("\\d+");
    }

    /** The same where the closed port is known to have been reached, by the gateway's word if not by the launcher's. */
    Evidence reached() {
        Sentinel seen = sentinel == null ? new Sentinel(true, null, null, null) : sentinel;
        return new Evidence(
                launcher,
                uid,
                uidMap,
                capEff,
                noNewPrivs,
                seccomp,
                rootReadOnly,
                landlockAbi,
                pidsMax,
                cgroup,
                files,
                commands,
                proxy,
                new Sentinel(true, seen.answer(), seen.millis(), seen.attempts()));
    }

    /** No evidence at all. */
    public static Evidence none() {
        return new Evidence(null, null, null, null, null, null, null, null, null, null, null, null, null, null);
    }
}
