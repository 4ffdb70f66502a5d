package dev.corral.operator.observe;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.corral.operator.observe.Observation.Absent;
import dev.corral.operator.observe.Observation.ExitCause;
import dev.corral.operator.observe.Observation.Exited;
import dev.corral.operator.observe.Observation.Lost;
import dev.corral.operator.observe.Observation.Ready;
import dev.corral.operator.observe.Observation.Running;
import dev.corral.operator.observe.Observation.WaitCause;
import dev.corral.operator.observe.Observation.Waiting;
import dev.corral.operator.render.OwnedLabels;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The only reader of pod and container states. */
public final class PodReader {
    /** The exit code of what was killed: 128 and the number of SIGKILL. */
    public static final int KILLED = 137;

    /** For the kubelet to write that the pod has ended, and for the gateway to pass on what its launcher said. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(30);

    private static final Pattern UNMOUNTED =
            Pattern.compile("MountVolume\\.SetUp failed for volume \"([^\"]+)\" ?: (.*)", Pattern.DOTALL);

    private static final ObjectMapper JSON = new ObjectMapper();

    private PodReader() {}

    /** Reads one pod. {@code phase=Failed} alone is not the end: only a terminated container is dead (kubernetes#88613). */
    public static Observation read(Optional<Pod> pod) {
        return pod.map(PodReader::read).orElseGet(Absent::new);
    }

    /**
     * The same, with what the kubelet said of a volume of this very pod that it cannot mount. A pod's status never tells that (it is
     * ContainerCreating for as long as it lasts), only an Event does, and that outlives what it tells of.
     */
    public static Observation read(Optional<Pod> pod, Optional<String> unmounted) {
        Observation seen = read(pod);
        return seen instanceof Waiting waiting
                        && waiting.cause() == WaitCause.Creating
                        && unmounted.isPresent()
                        && !mounted(pod.orElseThrow().getStatus())
                ? unmounted(pod.orElseThrow(), unmounted.get())
                : seen;
    }

    /** The kubelet makes the sandbox of a pod once all of its volumes are mounted. */
    private static boolean mounted(PodStatus status) {
        return isTrue(condition(status, "PodReadyToStartContainers"));
    }

    private static Waiting unmounted(Pod pod, String words) {
        Matcher said = UNMOUNTED.matcher(words);
        return !said.matches()
                ? new Waiting(WaitCause.Uncreatable, words)
                : secret(pod, said.group(1))
                        .map(name -> new Waiting(WaitCause.Secret, "Secret " + name + ": " + said.group(2)))
                        .orElseGet(() -> new Waiting(WaitCause.Uncreatable, words));
    }

    /** The Secret behind a volume of ours. */
    private static Optional<String> secret(Pod pod, String volume) {
        return pod.getSpec().getVolumes().stream()
                .filter(found -> volume.equals(found.getName()) && found.getProjected() != null)
                .flatMap(found -> found.getProjected().getSources().stream())
                .filter(source -> source.getSecret() != null)
                .map(source -> source.getSecret().getName())
                .findFirst();
    }

    private static Observation read(Pod pod) {
        PodStatus status = pod.getStatus();
        if (status == null) {
            return new Waiting(WaitCause.Unscheduled, "");
        }
        if ("Unknown".equals(status.getPhase()) || "NodeLost".equals(status.getReason())) {
            return new Lost("the node of the pod does not answer");
        }
        Optional<ContainerStateTerminated> terminated = containers(status)
                .flatMap(container -> Stream.ofNullable(container.getState().getTerminated()))
                .findFirst();
        if (terminated.isPresent()) {
            return exited(status, terminated.get());
        }
        boolean running =
                containers(status).anyMatch(container -> container.getState().getRunning() != null);
        if ("Failed".equals(status.getPhase()) && !running) {
            return unstarted(status);
        }
        Optional<Waiting> waiting = Stream.concat(copying(status), containers(status))
                .flatMap(container -> Stream.ofNullable(container.getState().getWaiting()))
                .map(PodReader::waiting)
                .findFirst();
        if (waiting.isPresent()) {
            return whose(pod, waiting.get());
        }
        return running ? proof(status) : unscheduled(status);
    }

    /** Why somebody else than its owner is ending this pod, whatever the launcher could make of the signal it got; empty if nobody is. */
    public static Optional<ExitCause> interruption(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(status -> cause(status, "", 0))
                .filter(cause -> cause != ExitCause.Exit);
    }

    /**
     * Since when a proven pod does not answer; empty: it does. Of a node that died only the condition Ready tells: containers run on in the
     * status, and the gate is ours. The kubelet sees the gate a second late, so Ready counts only where it turned False after the proof.
     */
    public static Optional<Instant> silent(Pod pod) {
        PodStatus status = pod.getStatus();
        PodCondition gate = status == null ? null : condition(status, OwnedLabels.SANDBOX_VERIFIED);
        PodCondition ready = status == null ? null : condition(status, "Ready");
        return gate == null || ready == null || isTrue(ready)
                ? Optional.empty()
                : Optional.of(time(ready.getLastTransitionTime()))
                        .filter(since -> since.isAfter(time(gate.getLastTransitionTime())));
    }

    /**
     * From when on nothing more is to be expected of a pod that does not answer: it was told to go, and the time that its node had for it is
     * over. The pod of a node that died stays as it is until somebody deletes the node.
     */
    public static Optional<Instant> abandoned(Pod pod) {
        return Optional.ofNullable(pod.getMetadata().getDeletionTimestamp())
                .filter(due -> silent(pod).isPresent())
                .map(due -> time(due).plus(LAST_WORDS)); // its grace is in the timestamp
    }

    /** When its launcher handed in what it proved, or did not; the beginning of all time if it did neither. */
    public static Instant spoke(Pod pod) {
        PodCondition gate = pod.getStatus() == null ? null : condition(pod.getStatus(), OwnedLabels.SANDBOX_VERIFIED);
        return gate == null ? Instant.EPOCH : time(gate.getLastTransitionTime());
    }

    /** Whether no container of it runs any more, or ever will. */
    public static boolean hasEnded(Pod pod) {
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return "Succeeded".equals(phase) || "Failed".equals(phase);
    }

    /** Since when it has a node. */
    public static Optional<Instant> scheduled(Pod pod) {
        return Optional.ofNullable(pod.getStatus())
                .map(status -> condition(status, "PodScheduled"))
                .filter(scheduled -> isTrue(scheduled) && scheduled.getLastTransitionTime() != null)
                .map(scheduled -> time(scheduled.getLastTransitionTime()));
    }

    /** The digest the node really ran, for images named by tag. */
    public static Optional<String> imageID(Pod pod) {
        return pod.getStatus() == null
                ? Optional.empty()
                : containers(pod.getStatus())
                        .map(ContainerStatus::getImageID)
                        .filter(id -> id != null && !id.isBlank())
                        .findFirst();
    }

    private static Stream<ContainerStatus> containers(PodStatus status) {
        return known(status.getContainerStatuses());
    }

    /** The container that copies the launcher, on clusters without image volumes: until it is done, the other one tells nothing. */
    private static Stream<ContainerStatus> copying(PodStatus status) {
        return known(status.getInitContainerStatuses());
    }

    private static Stream<ContainerStatus> known(@Nullable List<ContainerStatus> all) {
        return all == null ? Stream.empty() : all.stream().filter(container -> container.getState() != null);
    }

    /**
     * A pod needs two images, and the author of a plugin can do nothing about the launcher's. The kubelet reports that of an image volume
     * as a state of the container that mounts it, in words that name the image.
     */
    private static Waiting whose(Pod pod, Waiting waiting) {
        return waiting.cause() == WaitCause.Image && launcherImages(pod).anyMatch(waiting.detail()::contains)
                ? new Waiting(WaitCause.Image, "the launcher's image, the chart's images.launcher: " + waiting.detail())
                : waiting;
    }

    private static Stream<String> launcherImages(Pod pod) {
        if (pod.getSpec() == null) {
            return Stream.empty();
        }
        return Stream.concat(
                pod.getSpec().getVolumes().stream()
                        .flatMap(volume -> Stream.ofNullable(volume.getImage()))
                        .map(image -> image.getReference()),
                pod.getSpec().getInitContainers().stream().map(copy -> copy.getImage()));
    }

    private static Observation proof(PodStatus status) {
        PodCondition gate = condition(status, OwnedLabels.SANDBOX_VERIFIED);
        if (gate == null || gate.getMessage() == null) {
            return new Running();
        }
        Published published = published(gate.getMessage());
        if (published.session() == null) {
            return new Running();
        }
        if (isTrue(gate)) {
            return new Ready(published.session(), published.proof(), time(gate.getLastTransitionTime()));
        }
        return new Waiting(WaitCause.Unproven, gate.getMessage());
    }

    /** What the gateway writes into the condition's message. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    private record Published(
            @Nullable String session, @Nullable Evidence evidence) {
        Evidence proof() {
            return evidence == null ? Evidence.none() : evidence;
        }
    }

    /** The launcher of a pod that may be claimed, as far as the pod itself can tell; see {@link #unproven}. */
    public static Optional<Ready> launcher(Pod pod) {
        return switch (read(pod)) {
            case Ready ready -> Optional.of(ready);
            case Waiting waiting -> unproven(waiting);
            case Running running -> Optional.empty();
            case Exited exited -> Optional.empty();
            case Lost lost -> Optional.empty();
            case Absent absent -> Optional.empty();
        };
    }

    /** A launcher that reached the port that must be closed, ready all the same: whether that is tolerated is a policy's to say. */
    public static Optional<Ready> unproven(Waiting waiting) {
        Published published = published(waiting.detail());
        return waiting.cause() == WaitCause.Unproven && published.session() != null
                ? Optional.of(new Ready(published.session(), published.proof().reached(), Instant.EPOCH))
                : Optional.empty();
    }

    /** Evidence as published; unreadable text is no evidence. */
    public static Evidence evidence(String message) {
        return published(message).proof();
    }

    private static Published published(String message) {
        try {
            return JSON.readValue(message, Published.class);
        } catch (JsonProcessingException unreadable) {
            return new Published(null, null);
        }
    }

    private static Waiting waiting(ContainerStateWaiting state) {
        String detail = text(state.getMessage()).isBlank() ? text(state.getReason()) : text(state.getMessage());
        return switch (text(state.getReason())) {
            case "ErrImagePull",
                    "ImagePullBackOff",
                    "InvalidImageName",
                    "ErrImageNeverPull",
                    "ImageInspectError",
                    "RegistryUnavailable",
                    "SignatureValidationFailed" -> new Waiting(WaitCause.Image, detail);
            // also for a directory that cannot be made in a claim, a user that may not be root, and others
            case "CreateContainerConfigError" ->
                new Waiting(
                        detail.toLowerCase(Locale.ROOT).contains("secret") ? WaitCause.Secret : WaitCause.Uncreatable,
                        detail);
            case "", "ContainerCreating", "PodInitializing" -> new Waiting(WaitCause.Creating, detail);
            default -> new Waiting(WaitCause.Uncreatable, detail);
        };
    }

    private static Waiting unscheduled(PodStatus status) {
        PodCondition scheduled = condition(status, "PodScheduled");
        if (scheduled != null
                && "False".equals(scheduled.getStatus())
                && "Unschedulable".equals(scheduled.getReason())) {
            return new Waiting(WaitCause.Unschedulable, text(scheduled.getMessage()));
        }
        return isTrue(scheduled) ? new Waiting(WaitCause.Creating, "") : new Waiting(WaitCause.Unscheduled, "");
    }

    private static Exited exited(PodStatus status, ContainerStateTerminated end) {
        int exitCode = end.getExitCode() == null ? -1 : end.getExitCode();
        ExitCause cause = cause(status, text(end.getReason()), exitCode);
        return new Exited(cause, exitCode, words(cause, status, end), time(end.getFinishedAt()));
    }

    /** Evicted before a container existed, refused by the kubelet, or without its launcher: nothing ran and nothing will. */
    private static Exited unstarted(PodStatus status) {
        ExitCause cause = cause(status, "", -1);
        if (cause != ExitCause.Exit) {
            return new Exited(cause, -1, text(status.getMessage()), Instant.EPOCH);
        }
        Optional<ContainerStateTerminated> copy = copying(status)
                .flatMap(container -> Stream.ofNullable(container.getState().getTerminated()))
                .filter(end -> end.getExitCode() != null && end.getExitCode() != 0)
                .findFirst();
        if (copy.isPresent()) {
            Exited ended = exited(status, copy.get());
            String words =
                    sentence("copying the launcher failed", text(copy.get().getReason()), ended.message());
            return new Exited(ended.cause(), ended.exitCode(), words, ended.at());
        }
        return text(status.getReason()).isBlank()
                ? new Exited(cause, -1, text(status.getMessage()), Instant.EPOCH)
                : new Exited(
                        ExitCause.Refusal,
                        -1,
                        sentence("the node refused the pod", status.getReason(), text(status.getMessage())),
                        Instant.EPOCH);
    }

    private static String sentence(String... parts) {
        return Stream.of(parts).filter(part -> !part.isBlank()).collect(Collectors.joining(": "));
    }

    /** Who ended the container says why: itself, or the kubelet, beside whose words those of the launcher tell nothing. */
    private static String words(ExitCause cause, PodStatus status, ContainerStateTerminated end) {
        boolean itself = cause == ExitCause.Exit || cause == ExitCause.OutOfMemory;
        return itself || text(status.getMessage()).isBlank() ? text(end.getMessage()) : text(status.getMessage());
    }

    /** The runtime says OOMKilled also where only a child was killed and the launcher ended by itself. */
    private static ExitCause cause(PodStatus status, String containerReason, int exitCode) {
        if ("OOMKilled".equals(containerReason) && exitCode == KILLED) {
            return ExitCause.OutOfMemory;
        }
        String message = text(status.getMessage());
        return switch (text(status.getReason())) {
            case "Evicted" -> eviction(message);
            case "DeadlineExceeded" -> ExitCause.Deadline;
            case "Preempting", "NodeShutdown", "Terminated", "Shutdown" -> ExitCause.Disruption;
            default -> isTrue(condition(status, "DisruptionTarget")) ? ExitCause.Disruption : ExitCause.Exit;
        };
    }

    /** A node whose own disk is full names ephemeral-storage too, and takes pods that wrote next to nothing. */
    private static ExitCause eviction(String message) {
        return !message.startsWith("The node was low on resource")
                        && (message.contains("ephemeral") || message.contains("emptyDir") || message.contains("disk"))
                ? ExitCause.DiskEviction
                : ExitCause.Disruption;
    }

    private static @Nullable PodCondition condition(PodStatus status, String type) {
        if (status.getConditions() == null) {
            return null;
        }
        for (PodCondition condition : status.getConditions()) {
            if (type.equals(condition.getType())) {
                return condition;
            }
        }
        return null;
    }

    private static boolean isTrue(@Nullable PodCondition condition) {
        return condition != null && "True".equals(condition.getStatus());
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static Instant time(@Nullable String value) {
        try {
            return value == null ? Instant.EPOCH : Instant.parse(value);
        } catch (DateTimeParseException unreadable) {
            return Instant.EPOCH;
        }
    }
}
