package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.ArtifactDeclaration;
import dev.corral.api.v1alpha1.AssignedLimits;
import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.DecidedAssignment;
import dev.corral.api.v1alpha1.DecidedPlugin;
import dev.corral.api.v1alpha1.FileDigest;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.api.v1alpha1.StagedFile;
import dev.corral.operator.permission.HostPattern;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.TopicPattern;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An execution whose present attempt belongs to one session: what that session may do, and what it has said so far. */
record BoundRun(SessionId id, PluginExecution execution, int attempt, DecidedAssignment assignment) {
    private static final DecidedAssignment NOTHING =
            new DecidedAssignment(null, null, null, null, null, null, null, null, null, null, null);
    private static final AssignedLimits NO_LIMITS = new AssignedLimits(null, null, null, null, null, null, null, null);

    /** Empty unless the attempt names exactly this session of exactly this pod. */
    static Optional<BoundRun> of(PluginExecution execution, SessionId id) {
        var status = execution.getStatus();
        if (status == null || status.attempt() == null) {
            return Optional.empty();
        }
        var attempt = status.attempt();
        var number = attempt.number();
        return number != null
                        && id.session().equals(attempt.session())
                        && id.podUID().equals(attempt.podUID())
                ? Optional.of(
                        new BoundRun(id, execution, number, Objects.requireNonNullElse(status.assignment(), NOTHING)))
                : Optional.empty();
    }

    static boolean ended(PluginExecution execution) {
        var status = execution.getStatus();
        return status != null && status.ended();
    }

    NamespacedName name() {
        return NamespacedName.of(execution);
    }

    String uid() {
        return execution.getMetadata().getUid();
    }

    ArtifactKey key(String artifact) {
        return new ArtifactKey(uid(), attempt, artifact);
    }

    @Nullable
    String claimTime() {
        var claim = status().attempt();
        return claim == null ? null : claim.claimTime();
    }

    boolean ended() {
        return ended(execution);
    }

    /** The reason for which the controller ordered this run to stop: {@code Running=False} with any reason but NotRunning. */
    Optional<String> stopOrder() {
        return listed(status().conditions()).stream()
                .filter(condition -> "Running".equals(condition.type()) && "False".equals(condition.status()))
                .map(Condition::reason)
                .filter(reason -> !"NotRunning".equals(reason))
                .findFirst();
    }

    /** Also by its deletion, however long a finalizer keeps it. */
    boolean cancelled() {
        return execution.getMetadata().getDeletionTimestamp() != null
                || execution.getSpec() != null
                        && Boolean.TRUE.equals(execution.getSpec().cancel());
    }

    List<String> command() {
        return listed(assignment.command());
    }

    /** Whether the controller decided that this run is watched; what the launcher says of it counts for nothing else. */
    boolean learns() {
        return assignment.learnKeeps() != null;
    }

    List<String> learnKeeps() {
        return listed(assignment.learnKeeps());
    }

    List<String> variables() {
        return listed(assignment.env());
    }

    /** Which bytes the artifact has that is the input; empty where the input is no artifact. */
    Optional<String> inputDigest() {
        return Optional.ofNullable(assignment.inputDigest());
    }

    /** Which bytes the artifact was decided to have that is staged under this name. */
    Optional<FileDigest> decidedFile(String file) {
        return listed(assignment.files()).stream()
                .filter(decided -> file.equals(decided.name()))
                .findFirst();
    }

    /** What the execution wants delivered as files; directories of claims are mounted, and not the gateway's. */
    List<StagedFile> files() {
        return listed(execution.getSpec().files()).stream()
                .filter(file -> file.claim() == null)
                .toList();
    }

    /** The hash of the schema an input from elsewhere must match; empty for none. */
    Optional<String> inputSchema() {
        return Optional.ofNullable(assignment.inputSchema());
    }

    Optional<DecidedPlugin> plugin() {
        return Optional.ofNullable(status().plugin());
    }

    List<ArtifactDeclaration> artifacts() {
        return listed(assignment.artifacts());
    }

    /** Topics it may emit; what cannot be read is none. */
    List<TopicPattern> produce() {
        return read(assignment.produce(), TopicPattern::parse);
    }

    /** Names it may reach; what cannot be read reaches nothing. */
    List<HostPattern> hosts() {
        return read(assignment.hosts(), HostPattern::parse);
    }

    /** The rule by which it may not reach a name, and whose it is where the status says so; what cannot be read means every name. */
    Optional<String> denies(String name, int port) {
        return listed(assignment.denyHosts()).stream()
                .filter(text ->
                        !(HostPattern.parseDeny(text, "denyHosts") instanceof Parsed.Value<HostPattern>(var deny))
                                || deny.matches(name, port))
                .findFirst()
                .map(rule -> listed(status().effectivePermissions()).stream()
                        .filter(line -> line.startsWith("network.denyHost " + rule + " "))
                        .findFirst()
                        .map(line -> line.substring("network.denyHost ".length()))
                        .orElse(rule));
    }

    AssignedLimits limits() {
        return Objects.requireNonNullElse(assignment.limits(), NO_LIMITS);
    }

    @Nullable
    String decidedInputHash() {
        return status().inputHash();
    }

    /** What this session reported before, put together again from the places of the status it is shown in. */
    Optional<RunReport> report() {
        var status = status();
        return Optional.ofNullable(status.report())
                .filter(report -> id.session().equals(report.session()))
                .map(report -> report.with(
                        report.result() == null ? status.result() : report.result(),
                        report.artifacts() == null ? status.artifacts() : report.artifacts(),
                        report.events() == null ? status.events() : report.events(),
                        report.learned() == null ? status.learned() : report.learned()));
    }

    /** Whether the session has said its last word. */
    boolean reported() {
        return report().filter(report -> report.reason() != null).isPresent();
    }

    private PluginExecutionStatus status() {
        return execution.getStatus();
    }

    private static <T> List<T> read(@Nullable List<String> texts, BiFunction<String, String, Parsed<T>> parse) {
        return listed(texts).stream()
                .flatMap(text -> parse.apply(text, "assignment") instanceof Parsed.Value<T>(var value)
                        ? Stream.of(value)
                        : Stream.empty())
                .toList();
    }

    private static <T> List<T> listed(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
