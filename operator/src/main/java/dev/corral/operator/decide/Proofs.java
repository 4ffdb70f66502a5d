package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.operator.observe.Evidence;
import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.status.PlainText;
import dev.corral.operator.status.Readable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the evidence from inside the pod proves. Absence of proof is {@code NotEnforced}; the four rows every run needs are
 * {@code network}, {@code privileges}, {@code userNamespace} and {@code landlock}, and only a policy can do without one.
 */
record Proofs(List<EnforcementStatus> rows, List<String> missing, List<String> tolerated) {
    /** The first Landlock ABI that scopes signals; below it a handler may signal the launcher. */
    private static final int SIGNAL_SCOPE_ABI = 6;

    /** Longest text of a row. */
    private static final int MOST = 512;

    private static final List<String> NEEDED = List.of("network", "privileges", "userNamespace", "landlock");

    static Proofs of(EffectivePermissions permissions, Evidence evidence) {
        return of(permissions, evidence, List.of());
    }

    /** The same where network policies of others stand beside ours: what they open is not enforced, whatever the launcher proved. */
    static Proofs of(EffectivePermissions permissions, Evidence evidence, List<NetworkOpening> openings) {
        List<EnforcementStatus> rows = new ArrayList<>(rows(evidence));
        if (!openings.isEmpty()) {
            rows.set(0, widened(openings));
        }
        List<EnforcementStatus> more = granted(permissions, evidence);
        rows.addAll(
                evidence.launcher() == null ? more.stream().map(Proofs::unseen).toList() : more);
        rows.addAll(HostProofs.rows(permissions, evidence, rows.getFirst().state()));
        rows.addAll(FileProofs.rows(permissions.files(), evidence));
        List<String> missing = new ArrayList<>();
        List<String> tolerated = new ArrayList<>();
        for (EnforcementStatus row : rows) {
            if (lacking(row)) {
                (permissions.tolerateUnenforced().contains(tolerable(row.permission())) ? tolerated : missing)
                        .add(row.permission());
            }
        }
        return new Proofs(List.copyOf(rows), List.copyOf(missing), List.copyOf(tolerated));
    }

    /** Needed and not proven. */
    private static boolean lacking(EnforcementStatus row) {
        return row.state() == EnforcementState.NotEnforced
                && (NEEDED.contains(row.permission())
                        || FileProofs.NEEDED.contains(row.permission())
                        || HostProofs.NEEDED.equals(row.permission()));
    }

    /** The word a policy tolerates it by. */
    private static String tolerable(String permission) {
        return HostProofs.NEEDED.equals(permission) ? "network" : FileProofs.section(permission);
    }

    /** The rows every run has, whatever it asks for. */
    static List<EnforcementStatus> rows(Evidence evidence) {
        return List.of(network(evidence), privileges(evidence), userNamespace(evidence), landlock(evidence));
    }

    /** What a run with these rows lives by, in the words policies tolerate it by. */
    static List<String> unproven(@Nullable List<EnforcementStatus> rows) {
        return rows == null
                ? List.of()
                : rows.stream()
                        .filter(Proofs::lacking)
                        .map(row -> tolerable(row.permission()))
                        .distinct()
                        .toList();
    }

    /** The rows of a run beside which somebody opened its network. */
    static List<EnforcementStatus> widened(@Nullable List<EnforcementStatus> rows, List<NetworkOpening> openings) {
        return (rows == null ? Stream.<EnforcementStatus>of() : rows.stream())
                .map(row -> "network".equals(row.permission()) ? widened(openings) : row)
                .toList();
    }

    private static EnforcementStatus widened(List<NetworkOpening> openings) {
        return unproven("network", "NetworkPolicy", openings.getFirst().message());
    }

    /** The rows with what was really used of a budget, once that is known. */
    static List<EnforcementStatus> used(List<EnforcementStatus> rows, long cpuMillis) {
        return rows.stream()
                .map(row -> "limits.cpuTime".equals(row.permission()) && row.evidence() != null
                        ? new EnforcementStatus(
                                row.permission(),
                                row.state(),
                                row.mechanism(),
                                Readable.seconds(cpuMillis) + " of " + row.evidence(),
                                row.reason())
                        : row)
                .toList();
    }

    /** What is missing, and why. */
    String lack() {
        return rows.stream()
                .filter(row -> missing.contains(row.permission()))
                .map(row -> row.permission() + ": " + row.reason())
                .collect(Collectors.joining("; "));
    }

    String summary() {
        String text = rows.stream()
                .filter(row -> NEEDED.contains(row.permission()))
                .map(row -> row.permission() + " " + row.state())
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
        return tolerated.isEmpty() ? text : text + "; tolerated by policy: " + String.join(", ", tolerated);
    }

    private static EnforcementStatus network(Evidence evidence) {
        Evidence.Sentinel sentinel = evidence.sentinel();
        if (sentinel == null || sentinel.reachable() == null) {
            return unproven("network", "NetworkPolicy", "the launcher did not report the closed port");
        }
        String seen = "port B: " + sentinel.answer() + " after " + sentinel.millis() + " ms, try " + sentinel.attempts()
                + "; port A open";
        if (sentinel.reachable()) {
            return new EnforcementStatus(
                    "network",
                    EnforcementState.NotEnforced,
                    "NetworkPolicy",
                    seen,
                    "the port that must be closed was reached: the cluster does not enforce NetworkPolicy");
        }
        return enforced("network", "NetworkPolicy", seen);
    }

    private static EnforcementStatus privileges(Evidence evidence) {
        boolean proven = "0000000000000000".equals(evidence.capEff())
                && Boolean.TRUE.equals(evidence.noNewPrivs())
                && Integer.valueOf(2).equals(evidence.seccomp())
                && Boolean.TRUE.equals(evidence.rootReadOnly())
                && evidence.uid() != null
                && evidence.uid() != 0;
        String seen =
                "uid " + evidence.uid() + ", CapEff " + evidence.capEff() + ", NoNewPrivs " + evidence.noNewPrivs()
                        + ", Seccomp " + evidence.seccomp() + ", read-only root " + evidence.rootReadOnly();
        return proven
                ? enforced("privileges", "security context", seen)
                : unproven("privileges", "security context", seen);
    }

    /** {@code uid_map} is {@code inside outside count}; below 65536 outside, inside ids are ids of the host. */
    private static EnforcementStatus userNamespace(Evidence evidence) {
        String map = evidence.uidMap() == null ? "" : evidence.uidMap().strip();
        String[] fields = map.split("\\s+");
        boolean mapped = fields.length == 3 && fields[1].matches("\\d{1,18}") && Long.parseLong(fields[1]) >= 65_536;
        return mapped
                ? enforced("userNamespace", "hostUsers: false", "uid_map " + map)
                : unproven(
                        "userNamespace", "hostUsers: false", map.isEmpty() ? "no uid_map reported" : "uid_map " + map);
    }

    private static EnforcementStatus landlock(Evidence evidence) {
        int abi = evidence.landlockAbi() == null ? 0 : evidence.landlockAbi();
        if (abi < 1) {
            return unproven("landlock", "Landlock", "the node's kernel has no Landlock for this pod");
        }
        return abi >= SIGNAL_SCOPE_ABI
                ? enforced(
                        "landlock", "Landlock ABI " + abi, "files of the launcher and signals to it are out of reach")
                : new EnforcementStatus(
                        "landlock",
                        EnforcementState.Partial,
                        "Landlock ABI " + abi,
                        "files of the launcher are out of reach",
                        "signals are scoped from ABI " + SIGNAL_SCOPE_ABI + " on");
    }

    private static List<EnforcementStatus> granted(EffectivePermissions permissions, Evidence evidence) {
        List<EnforcementStatus> rows = new ArrayList<>();
        rows.add(enforced("env", "execve", "the handler gets exactly the granted names and the documented base"));
        if (!permissions.secrets().isEmpty()) {
            rows.add(
                    enforced("secrets", "projected files", permissions.secrets().size() + " mounted, by key"));
        }
        if (!permissions.claims().isEmpty()) {
            // to a connect no mount is read-only, and Landlock sees one by path from ABI 9 on only
            rows.add(
                    new EnforcementStatus(
                            "files.claims",
                            EnforcementState.Partial,
                            "volume, read-only",
                            permissions.claims().size() + " granted",
                            "who serves a Unix socket in the claim, on the same node, can be talked with past the network policy"));
        }
        if (!permissions.artifacts().isEmpty()) {
            rows.add(enforced(
                    "artifacts.read", "gateway", permissions.artifacts().size() + " patterns granted, by digest"));
        }
        rows.add(enforced("events.produce", "gateway", permissions.produce().size() + " topics granted"));
        rows.add(enforced(
                "limits.timeout",
                "launcher, activeDeadlineSeconds",
                permissions.limits().timeoutMillis() + " ms"));
        rows.add(enforced(
                "limits.memory",
                "cgroup " + evidence.cgroup(),
                permissions.limits().memoryBytes() + " bytes"));
        rows.add(enforced(
                "limits.cpu",
                "cgroup " + evidence.cgroup(),
                permissions.limits().cpuMillis() + "m, a rate"));
        permissions.limits().cpuTimeMillis().ifPresent(budget -> rows.add(cpuTime(budget, evidence)));
        rows.add(new EnforcementStatus(
                "limits.disk",
                EnforcementState.Partial,
                "launcher watch, ephemeral-storage limit",
                permissions.limits().diskBytes() + " bytes",
                "looked at 4 times a second; a burst in between is bounded by the kubelet's eviction"));
        rows.add(enforced(
                "limits.processes",
                evidence.boundsProcesses() ? "RLIMIT_NPROC, pids cgroup" : "RLIMIT_NPROC",
                permissions.limits().processes()
                        + (evidence.boundsProcesses() ? ", pids.max " + evidence.pidsMax() : "")));
        rows.add(enforced(
                "limits.output", "launcher, gateway", permissions.limits().outputBytes() + " bytes"));
        rows.add(enforced("limits.events", "gateway", permissions.limits().events() + " events"));
        return rows;
    }

    private static EnforcementStatus cpuTime(long budget, Evidence evidence) {
        boolean measured = evidence.cgroup() != null && !evidence.cgroup().isBlank();
        return measured
                ? enforced("limits.cpuTime", "launcher, cgroup " + evidence.cgroup(), Readable.seconds(budget))
                : new EnforcementStatus(
                        "limits.cpuTime",
                        EnforcementState.Partial,
                        "RLIMIT_CPU",
                        Readable.seconds(budget),
                        "no cgroup is visible: each process has the whole budget until it ends");
    }

    static EnforcementStatus enforced(String permission, String mechanism, String evidence) {
        return new EnforcementStatus(
                permission, EnforcementState.Enforced, mechanism, PlainText.shown(evidence, MOST), null);
    }

    /** Without a launcher's word nothing of it is known to be in place. */
    private static EnforcementStatus unseen(EnforcementStatus row) {
        return unproven(row.permission(), String.valueOf(row.mechanism()), "not started: no evidence yet");
    }

    static EnforcementStatus unproven(String permission, String mechanism, String why) {
        return new EnforcementStatus(
                permission, EnforcementState.NotEnforced, mechanism, null, PlainText.shown(why, MOST));
    }
}
