package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.observe.Observation.ExitCause;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.PodReader;
import dev.corral.operator.status.Ending;
import dev.corral.operator.status.PlainText;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Why did it end? Report, seal and container state each know a part; this is where they are told apart. */
final class Endings {
    private Endings() {}

    /** From the launcher's own words. */
    static Ending of(RunReport report) {
        ConditionReason reason = reason(text(report.reason()));
        Map<String, String> details = new TreeMap<>();
        if (report.exitCode() != null) {
            details.put("exitCode", report.exitCode().toString());
        }
        if (report.signal() != null && report.signal() != 0) {
            details.put("signal", report.signal().toString());
        }
        return new Ending(reason, message(reason, report), details);
    }

    private static String message(ConditionReason reason, RunReport report) {
        if (reason == ConditionReason.HandlerReturned) {
            String problem = text(report.resultProblem());
            return "exit 0, " + count(ready(report.artifacts()), "artifact") + ", " + count(emitted(report), "event")
                    + (problem.isEmpty() ? "" : "; no result: " + problem)
                    + (text(report.message()).isEmpty() ? "" : "; " + report.message());
        }
        String said = text(report.message());
        if (reason == ConditionReason.HandlerFailed && said.isEmpty()) {
            return report.signal() != null && report.signal() != 0
                    ? "the handler was ended by signal " + report.signal()
                    : "the handler ended with exit code " + report.exitCode();
        }
        return said.isEmpty() ? reason.name() : said;
    }

    /** The container ended before it was claimed: nothing of the plugin ran. */
    static Ending beforeClaim(Exited exited) {
        return switch (exited.cause()) {
            case Exit ->
                Ending.of(
                        ConditionReason.LauncherFailed,
                        "the launcher ended with " + exited.exitCode() + " before anything ran: " + words(exited)
                                + killed(exited));
            case OutOfMemory ->
                Ending.of(ConditionReason.LauncherFailed, "the launcher ran out of memory before anything ran");
            case DiskEviction, Disruption ->
                Ending.of(ConditionReason.Evicted, "the pod was evicted before anything ran: " + words(exited));
            case Refusal -> Ending.of(ConditionReason.Evicted, words(exited));
            case Deadline -> Ending.of(ConditionReason.StartTimedOut, "the pod's deadline passed before anything ran");
        };
    }

    /** The container ended after the claim and no valid report exists: the container's state is all there is. */
    static Ending afterClaim(Exited exited) {
        return switch (exited.cause()) {
            case Exit ->
                Ending.of(
                        ConditionReason.Lost,
                        "the launcher ended with " + exited.exitCode() + " and left no valid report: " + words(exited)
                                + killed(exited));
            case OutOfMemory ->
                Ending.of(ConditionReason.MemoryExceeded, "the kernel ended the pod for lack of memory");
            case DiskEviction -> Ending.of(ConditionReason.DiskExceeded, "evicted: " + words(exited));
            case Disruption -> Ending.of(ConditionReason.Evicted, "evicted: " + words(exited));
            case Refusal ->
                Ending.of(ConditionReason.Evicted, words(exited)); // a kubelet that starts looks at all pods anew
            case Deadline -> Ending.of(ConditionReason.TimedOut, "the pod's own deadline ended it");
        };
    }

    /** The pod was being ended by somebody else, and the launcher only knew that it was told to stop. */
    static Ending interrupted(ExitCause cause, Pod pod) {
        String said = pod.getStatus() == null || pod.getStatus().getMessage() == null
                ? ""
                : pod.getStatus().getMessage();
        return afterClaim(new Exited(cause, -1, said, Instant.EPOCH));
    }

    /**
     * Older runtimes do not say that it was the kernel, which on cgroup v2 takes the launcher along with the handler: nobody is left who could,
     * and the kernel's count goes with the container. A kubelet kills, too, so it stays a loss.
     */
    private static String killed(Exited exited) {
        return exited.exitCode() == PodReader.KILLED
                ? "; it was killed: if nobody deleted the pod, most likely by the kernel for lack of memory; then raise"
                        + " permissions.limits.memory within what policy allows"
                : "";
    }

    private static ConditionReason reason(String name) {
        return switch (name) {
            case "HandlerReturned" -> ConditionReason.HandlerReturned;
            case "HandlerFailed" -> ConditionReason.HandlerFailed;
            case "HandlerNotStarted" -> ConditionReason.HandlerNotStarted;
            case "TimedOut" -> ConditionReason.TimedOut;
            case "MemoryExceeded" -> ConditionReason.MemoryExceeded;
            case "DiskExceeded" -> ConditionReason.DiskExceeded;
            case "CpuTimeExceeded" -> ConditionReason.CpuTimeExceeded;
            case "OutputExceeded" -> ConditionReason.OutputExceeded;
            case "Cancelled", "Released" -> ConditionReason.Cancelled;
            case "PolicyRevoked" -> ConditionReason.PolicyRevoked;
            case "InputUnavailable" -> ConditionReason.InputUnavailable;
            case "InputInvalid" -> ConditionReason.InputInvalid;
            case "LauncherFailed" -> ConditionReason.LauncherFailed;
            default -> ConditionReason.InternalError; // a word this version does not know must not look like success
        };
    }

    private static int ready(@Nullable List<ArtifactStatus> artifacts) {
        return artifacts == null
                ? 0
                : (int) artifacts.stream()
                        .filter(artifact -> "Ready".equals(artifact.state()))
                        .count();
    }

    private static int emitted(RunReport report) {
        return report.events() == null || report.events().emitted() == null
                ? 0
                : report.events().emitted();
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private static String words(Exited exited) {
        String message = exited.message().strip();
        return message.isEmpty() ? "no message" : PlainText.shown(message, 256);
    }

    static String text(@Nullable String value) {
        return value == null ? "" : value;
    }
}
