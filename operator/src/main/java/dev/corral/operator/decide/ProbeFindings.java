package dev.corral.operator.decide;

import dev.corral.api.v1alpha1.CapabilityStatus;
import dev.corral.api.v1alpha1.EnforcementState;
import dev.corral.api.v1alpha1.EnforcementStatus;
import dev.corral.operator.decide.ProbeFinding.Failed;
import dev.corral.operator.decide.ProbeFinding.Pending;
import dev.corral.operator.decide.ProbeFinding.Seen;
import dev.corral.operator.decide.ProbeFinding.Unknown;
import dev.corral.operator.observe.Evidence;
import dev.corral.operator.render.ProbeRenderer.Probe;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the probes of one class of nodes found, and what of its capabilities that shows. */
record ProbeFindings(Map<Probe, ProbeFinding> by) {
    private static final String HIDDEN_PODS =
            "see the chart's gateway.pluginPodsOnly, where the network plugin hides pods behind their nodes";

    /** Nothing more is to be waited for. An open port is believed at once, whatever else could not be found out. */
    boolean settled() {
        boolean open = of(Probe.Sandbox).reached() || of(Probe.Copied).reached();
        return by.values().stream()
                .noneMatch(found -> found instanceof Pending || !open && found instanceof Unknown(var over) && !over);
    }

    private ProbeFinding of(Probe probe) {
        return by.getOrDefault(probe, new Pending());
    }

    /** Its rows. {@code before} are those it had: what rests on a probe that says nothing stays as it was seen last. */
    List<CapabilityStatus> rows(NodeClass nodes, Map<String, CapabilityStatus> before, Instant now) {
        ProbeFinding mounted = of(Probe.Sandbox);
        ProbeFinding copied = of(Probe.Copied);
        ProbeFinding control = of(Probe.Control);
        Optional<Seen> sandbox = Stream.of(mounted, copied)
                .filter(Seen.class::isInstance)
                .map(Seen.class::cast)
                .findFirst();
        List<EnforcementStatus> found = new ArrayList<>();
        found.add(network(sandbox, control));
        found.add(firstPacket(sandbox, control));
        Evidence evidence = sandbox.map(Seen::evidence).orElseGet(Evidence::none);
        Proofs.rows(evidence).stream()
                .filter(row -> !row.permission().equals("network"))
                .forEach(found::add);
        found.add(pids(evidence));
        found.add(works("imageVolume", "OCI image volume", mounted));
        found.add(works("initCopy", "init container", control));
        boolean open = sandbox.filter(ProbeFinding::reached).isPresent();
        boolean unseen = sandbox.isEmpty() && Stream.of(mounted, copied).anyMatch(Unknown.class::isInstance);
        String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
        return found.stream()
                .filter(row -> !before.containsKey(nodes.text() + "/" + row.permission())
                        || switch (row.permission()) {
                            case "network", "networkFirstPacket" ->
                                open || !(control instanceof Unknown) && !(unseen && control.reached());
                            case "imageVolume" -> !(mounted instanceof Unknown);
                            case "initCopy" -> !(control instanceof Unknown);
                            default -> !unseen;
                        })
                .map(row -> row(nodes, row, before, time))
                .toList();
    }

    private static CapabilityStatus row(
            NodeClass nodes, EnforcementStatus row, Map<String, CapabilityStatus> before, String time) {
        CapabilityStatus last = before.get(nodes.text() + "/" + row.permission());
        String since = last != null && last.state() == row.state() && last.since() != null ? last.since() : time;
        String evidence = row.evidence() == null ? row.reason() : row.evidence();
        return new CapabilityStatus(row.permission(), nodes.text(), row.state(), evidence, since, time);
    }

    private static EnforcementStatus network(Optional<Seen> sandbox, ProbeFinding control) {
        if (sandbox.filter(ProbeFinding::reached).isPresent()) {
            return Proofs.unproven(
                    "network",
                    "NetworkPolicy",
                    "port B, which no policy opens, was reached: the cluster does not enforce NetworkPolicy");
        }
        if (!control.reached()) {
            return Proofs.unproven(
                    "network",
                    "NetworkPolicy",
                    "the control that must succeed did not: "
                            + (control instanceof Failed(var why)
                                    ? why + " (if no launcher reaches the gateway: " + HIDDEN_PODS + ")"
                                    : "port B stayed shut where a policy opens it")
                            + "; so a closed port proves nothing");
        }
        if (sandbox.isEmpty()) {
            return Proofs.unproven("network", "NetworkPolicy", "no probe pod could prove it");
        }
        return Proofs.enforced("network", "NetworkPolicy", answer(sandbox.get()) + "; open where a policy opens it");
    }

    /** The launcher tries within milliseconds of its start. Closed at the first try: nothing had passed before. */
    private static EnforcementStatus firstPacket(Optional<Seen> sandbox, ProbeFinding control) {
        Evidence.Sentinel first = sandbox.filter(seen -> !seen.reached() && control.reached())
                .map(seen -> seen.evidence().sentinel())
                .orElse(null);
        if (first == null || first.attempts() == null) {
            return Proofs.unproven("networkFirstPacket", "NetworkPolicy", "the closed network is not proven at all");
        }
        return first.attempts() == 1
                ? Proofs.enforced("networkFirstPacket", "NetworkPolicy", "shut at the launcher's first packet")
                : new EnforcementStatus(
                        "networkFirstPacket",
                        EnforcementState.Partial,
                        "NetworkPolicy",
                        "shut from try " + first.attempts() + " on, 250 ms apart",
                        "policies are programmed after the pod's start; runs wait for the proof");
    }

    private static String answer(Seen seen) {
        Evidence.Sentinel sentinel = seen.evidence().sentinel();
        return sentinel == null
                ? "port B shut"
                : "port B: " + sentinel.answer() + " after " + sentinel.millis() + " ms, try " + sentinel.attempts();
    }

    private static EnforcementStatus pids(Evidence evidence) {
        return evidence.boundsProcesses()
                ? Proofs.enforced("pidLimit", "pids cgroup", "pids.max " + evidence.pidsMax())
                : Proofs.unproven(
                        "pidLimit",
                        "pids cgroup",
                        "pids.max " + evidence.pidsMax()
                                + " in the container; whether the kubelet bounds its pod (podPidsLimit)"
                                + " is not seen from there. RLIMIT_NPROC of the run holds anyway");
    }

    private static EnforcementStatus works(String name, String mechanism, ProbeFinding finding) {
        return switch (finding) {
            case Seen seen -> Proofs.enforced(name, mechanism, "a launcher brought in this way ran");
            case Failed(var why) -> Proofs.unproven(name, mechanism, why);
            case Pending pending -> Proofs.unproven(name, mechanism, "not probed");
            case Unknown unknown -> Proofs.unproven(name, mechanism, "not probed");
        };
    }
}
