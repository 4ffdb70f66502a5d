package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.render.OwnedLabels;
import dev.corral.operator.spec.Recent;
import dev.corral.operator.status.PlainText;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Who is connected, what their sandbox proved, and what they are told to do. */
final class LauncherSessions {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final int MAX_MESSAGE = 4096;
    private static final int TRIES = 8;

    private final Doorkeeper doorkeeper;
    private final GatewayCluster cluster;
    private final Executions executions;
    private final Assignments assignments;
    private final Sentinel sentinel;
    private final SessionKeys keys;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Duration poll;
    private final Recent<SessionId, NamespacedName> pods = new Recent<>(65_536);
    private final Recent<String, String> unproven = new Recent<>(65_536); // by the pod's UID, its session

    LauncherSessions(
            Doorkeeper doorkeeper,
            GatewayCluster cluster,
            Executions executions,
            Assignments assignments,
            Sentinel sentinel,
            SessionKeys keys,
            InstantSource clock,
            RandomGenerator random,
            Duration poll) {
        this.doorkeeper = doorkeeper;
        this.cluster = cluster;
        this.executions = executions;
        this.assignments = assignments;
        this.sentinel = sentinel;
        this.keys = keys;
        this.clock = clock;
        this.random = random;
        this.poll = poll;
    }

    /**
     * A new session for the pod the token is bound to; once per pod. Until its proof stands on the pod, this process remembers whose it is.
     * Who shows the nonce of the first time gets the answer of the first time: it was lost on the way.
     */
    ObjectNode open(String token, String nonce, String remoteAddress) {
        var bound = cluster.authenticate(token, Installation.GATEWAY_AUDIENCE)
                .orElseThrow(() -> new Refusal(401, "BadToken", "the token is not valid for this gateway"))
                .pod()
                .orElseThrow(() -> new Refusal(403, "NotAPluginPod", "the token is not bound to a pod"));
        var id = new SessionId(bound.uid(), nonce.isEmpty() ? newName() : named(nonce));
        var pod = cluster.pod(bound.namespace(), bound.name())
                .filter(candidate -> bound.uid().equals(candidate.getMetadata().getUid()))
                .filter(LauncherSessions::isPluginPod)
                .orElseThrow(() -> new Refusal(403, "NotAPluginPod", "the token's pod is not one of ours"));
        var first = recordedSession(pod)
                .orElseGet(() -> unproven.computeIfAbsent(bound.uid(), uid -> {
                    // Counted anew from here on: an older pod may have had this address. The kubelet may not have
                    // written it into the pod yet, so the one it calls from is forgotten too.
                    sentinel.forget(addresses(pod));
                    sentinel.forget(Set.of(InetAddress.ofLiteral(remoteAddress)));
                    return id.session();
                }));
        if (!first.equals(id.session())) {
            throw new Refusal(409, "SessionExists", "this pod had its session already");
        }
        return opened(id, bound);
    }

    private ObjectNode opened(SessionId id, Caller.BoundPod bound) {
        pods.put(id, new NamespacedName(bound.namespace(), bound.name()));
        return Json.object()
                .put("session", id.session())
                .put("key", HexFormat.of().formatHex(keys.key(id.podUID(), id.session())))
                .put("podUID", id.podUID());
    }

    /** The name is no secret, the nonce is: it cannot be found from the name. */
    private static String named(String nonce) {
        return Digests.sha256(nonce.getBytes(StandardCharsets.US_ASCII)).substring(0, 32);
    }

    /** The session an Authorization header proves. */
    SessionId verify(String authorization) {
        return keys.verify(authorization)
                .orElseThrow(() -> new Refusal(401, "BadSession", "this is no session of this gateway"));
    }

    /** Publishes the proof, or its failure, on the pod. The first word stands: a launcher that asks again lost our answer. */
    void ready(SessionId id, JsonNode evidence, String remoteAddress) {
        if (!evidence.isObject() || !evidence.path("sentinel").path("reachable").isBoolean()) {
            throw Refusal.malformed("evidence must be an object with sentinel.reachable");
        }
        for (var i = 0; i < TRIES; i++) {
            var pod = pod(id).orElseThrow(() -> new Refusal(401, "BadSession", "the pod of this session is gone"));
            var recorded = recordedSession(pod);
            if (recorded.filter(session -> !session.equals(id.session())).isPresent()) {
                throw new Refusal(401, "BadSession", "the pod has another session");
            }
            if (recorded.isPresent() || cluster.setCondition(pod, proof(id, pod, evidence, remoteAddress))) {
                unproven.remove(id.podUID());
                return;
            }
        }
        throw new ClusterUnavailable("the pod kept changing");
    }

    /**
     * Its handler, which has the launcher's address, lives: what comes from there counts as its namespace's. Where that is not the pod's own
     * address, others may be behind it, too.
     */
    void started(SessionId id, String remoteAddress) {
        pod(id).filter(pod -> addresses(pod).contains(InetAddress.ofLiteral(remoteAddress)))
                .ifPresent(pod ->
                        doorkeeper.belongs(remoteAddress, pod.getMetadata().getNamespace()));
    }

    /** Waits until the session is bound to an attempt, or can be told that it never will be. */
    Optional<Delivery> assignment(SessionId id) {
        return executions.await(id.session(), poll, () -> {
            var bound = executions.boundTo(id, Optional.empty());
            if (bound.isPresent()) {
                executions.served(id, bound.get().uid());
                return bound.map(run ->
                        run.reported() || stopReason(run).isPresent() ? new Delivery.Never() : assignments.build(run));
            }
            return movedOn(id) ? Optional.of(new Delivery.Never()) : Optional.empty();
        });
    }

    /** Waits until the run is to be stopped, the one of that execution where the launcher says which; the answer is the reason. */
    Optional<String> stop(SessionId id, Optional<String> uid) {
        return executions.await(id.session(), poll, () -> {
            var bound = executions.boundTo(id, uid);
            return bound.isPresent()
                    ? bound.flatMap(LauncherSessions::stopReason)
                    : movedOn(id) ? Optional.of("Released") : Optional.empty();
        });
    }

    private static Optional<String> stopReason(BoundRun run) {
        if (run.ended()) {
            return Optional.of("Released");
        }
        return run.stopOrder().or(() -> run.cancelled() ? Optional.of("Cancelled") : Optional.empty());
    }

    /** Only the API server's word ends a run: a watch that starts over may show an older world for a moment. */
    private boolean movedOn(SessionId id) {
        return executions
                .onceBoundTo(id)
                .map(ref -> cluster.execution(ref.namespace(), ref.name())
                        .flatMap(execution -> BoundRun.of(execution, id))
                        .filter(run -> !run.ended())
                        .isEmpty())
                .orElse(false);
    }

    private Optional<Pod> pod(SessionId id) {
        var found = pods.get(id)
                .flatMap(ref -> cluster.pod(ref.namespace(), ref.name()))
                .or(() -> cluster.pluginPod(id.podUID()))
                .filter(pod -> id.podUID().equals(pod.getMetadata().getUid()))
                .filter(LauncherSessions::isPluginPod);
        found.ifPresent(pod -> pods.put(
                id,
                new NamespacedName(
                        pod.getMetadata().getNamespace(), pod.getMetadata().getName())));
        return found;
    }

    private PodCondition proof(SessionId id, Pod pod, JsonNode evidence, String remoteAddress) {
        var attempts = Math.max(1, evidence.path("sentinel").path("attempts").asInt(1));
        var reached = evidence.path("sentinel").path("reachable").booleanValue();
        var own = addresses(pod);
        var from = InetAddress.ofLiteral(remoteAddress);
        var sightings = sentinel.sightings(own);
        if (!reached && own.isEmpty() && sentinel.sightings(Set.of(from)) >= attempts) {
            throw new Refusal(503, "AddressUnknown", "the pod's address does not stand in its status yet; ask again");
        }
        var open = reached || sightings >= attempts;
        var message = Json.object().put("session", id.session());
        if (sightings > 0 || own.contains(from)) {
            // who did or did not come from an address that is not the pod's says nothing: there may be others behind it
            message.put("sentinelSawPod", sightings > 0);
        }
        message.set("evidence", Json.cleaned(evidence, text -> PlainText.line(text, 256)));
        var text = Json.compact(message);
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_MESSAGE) {
            throw new Refusal(413, "EvidenceTooLarge", "the evidence takes more than 4 KiB");
        }
        return new PodConditionBuilder()
                .withType(OwnedLabels.SANDBOX_VERIFIED)
                .withStatus(open ? "False" : "True")
                .withReason(open ? "SentinelReachable" : "Proven")
                .withMessage(text)
                .withLastTransitionTime(
                        clock.instant().truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
    }

    private static boolean isPluginPod(Pod pod) {
        var labels = pod.getMetadata().getLabels();
        return labels != null
                && "true".equals(labels.get(OwnedLabels.PLUGIN_POD))
                && pod.getMetadata().getDeletionTimestamp() == null;
    }

    /** Whose proof the readiness condition holds; the pod is the only memory of "once" that outlives this process. */
    private static Optional<String> recordedSession(Pod pod) {
        var status = pod.getStatus();
        if (status == null || status.getConditions() == null) {
            return Optional.empty();
        }
        return status.getConditions().stream()
                .filter(condition ->
                        OwnedLabels.SANDBOX_VERIFIED.equals(condition.getType()) && condition.getMessage() != null)
                .findFirst()
                .flatMap(condition -> Json.parseObject(condition.getMessage().getBytes(StandardCharsets.UTF_8)))
                .map(message -> message.path("session").asText())
                .filter(session -> !session.isEmpty());
    }

    /** The pod's own; empty until the kubelet has written them. */
    private static Set<InetAddress> addresses(Pod pod) {
        var status = pod.getStatus();
        if (status == null) {
            return Set.of();
        }
        var ips = status.getPodIPs() == null ? List.<PodIP>of() : status.getPodIPs();
        return Stream.concat(ips.stream().map(PodIP::getIp), Stream.of(status.getPodIP()))
                .filter(Objects::nonNull)
                .map(InetAddress::ofLiteral)
                .collect(Collectors.toSet());
    }

    private String newName() {
        var name = new StringBuilder();
        for (var i = 0; i < 24; i++) {
            name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return name.toString();
    }
}
