package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.ArtifactDeclaration;
import dev.corral.operator.permission.Durations;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What port A answers: docs/protocol.md, line by line. */
final class LauncherRoutes {
    private static final int MAX_GREETING = 4 * 1024;
    private static final int MAX_BODY = 256 * 1024;
    private static final String ARTIFACTS = "/v1/artifacts/";
    private static final String FILES = "/v1/files/";
    private static final String BEARER = "Bearer ";
    /** With what a launcher says which assignment it works on. */
    private static final String EXECUTION = "Corral-Execution";

    private final Doorkeeper doorkeeper;
    private final LauncherSessions sessions;
    private final Executions executions;
    private final ReportInbox reports;
    private final PluginEvents events;
    private final Tunnels tunnels;
    private final ArtifactStore store;
    private final Outputs outputs;
    private final Sources sources;
    private final InstantSource clock;
    /** How long an artifact stays for which neither plugin nor execution says anything. */
    static final Duration LIFETIME = Duration.ofDays(7);

    static final String STORE_FULL = "the artifact store has no room, or none for more of this namespace";

    private final Instant settled;

    LauncherRoutes(
            Doorkeeper doorkeeper,
            LauncherSessions sessions,
            Executions executions,
            ReportInbox reports,
            PluginEvents events,
            Tunnels tunnels,
            ArtifactStore store,
            Outputs outputs,
            Sources sources,
            InstantSource clock,
            Duration settle) {
        this.doorkeeper = doorkeeper;
        this.sessions = sessions;
        this.executions = executions;
        this.reports = reports;
        this.events = events;
        this.tunnels = tunnels;
        this.store = store;
        this.outputs = outputs;
        this.sources = sources;
        this.clock = clock;
        this.settled = clock.instant().plus(settle);
    }

    /** On the port for it: CONNECT to a host name, and nothing else. */
    void tunnel(Exchange exchange) {
        if (!"CONNECT".equals(exchange.method())) {
            throw new Refusal(405, "OnlyConnect", "this port takes CONNECT and nothing else");
        }
        with(exchange, (connect, id) -> tunnels.open(connect, running(connect, id)));
    }

    void handle(Exchange exchange) {
        switch (exchange.method() + " " + exchange.path()) {
            case "POST /v1/session" -> session(exchange);
            case "POST /v1/ready" -> with(exchange, this::ready);
            case "GET /v1/assignment" -> with(exchange, this::assignment);
            case "POST /v1/started" -> with(exchange, this::started);
            case "GET /v1/control" -> with(exchange, this::control);
            case "POST /v1/events" -> with(exchange, this::events);
            case "POST /v1/report" -> with(exchange, this::report);
            case String other when other.startsWith("PUT " + ARTIFACTS) -> with(exchange, this::artifact);
            case String other when other.startsWith("GET " + FILES) -> with(exchange, this::file);
            default -> throw new Refusal(404, "NotFound", "there is nothing here");
        }
    }

    private void session(Exchange exchange) {
        var authorization = exchange.header("Authorization").orElse("");
        if (!authorization.startsWith(BEARER)) {
            throw new Refusal(401, "BadToken", "a pod's token is needed");
        }
        doorkeeper.admit(exchange.remoteAddress());
        // before anybody is known, little is read
        var nonce = exchange.json(MAX_GREETING).path("nonce").asText();
        if (!nonce.isEmpty() && !Digests.plausible(nonce)) {
            throw Refusal.malformed("nonce is 32 bytes in lower-case hex");
        }
        exchange.answer(201, sessions.open(authorization.substring(BEARER.length()), nonce, exchange.remoteAddress()));
    }

    private void ready(Exchange exchange, SessionId id) {
        sessions.ready(id, exchange.json(MAX_BODY).path("evidence"), exchange.remoteAddress());
        exchange.answer(204);
    }

    private void assignment(Exchange exchange, SessionId id) {
        var delivery = sessions.assignment(id);
        if (delivery.isEmpty()) {
            exchange.answer(204);
            return;
        }
        switch (delivery.get()) {
            case Delivery.Work(var assignment, var inputHash, var files) -> {
                reports.delivered(id, inputHash, files, sinceClaim(running(exchange, id)));
                exchange.answer(200, assignment);
            }
            case Delivery.Impossible(var reason, var why) -> {
                reports.impossible(running(exchange, id), reason, why);
                throw new Refusal(410, reason, why);
            }
            case Delivery.Never() -> throw new Refusal(410, "NeverAssigned", "this session will never be assigned");
        }
    }

    /** The bytes of one staged file, for the session whose assignment lists it. */
    private void file(Exchange exchange, SessionId id) {
        var name = exchange.path().substring(FILES.length());
        var run = running(exchange, id);
        var file = run.files().stream()
                .filter(staged -> name.equals(staged.name()))
                .findFirst()
                .orElseThrow(() -> new Refusal(404, "NotFound", "no such file is staged for this run"));
        try {
            var bytes = sources.open(run, file);
            try (var stream = bytes.stream()) {
                exchange.answer(
                        200,
                        Map.of(
                                "Content-Type",
                                "application/octet-stream",
                                "Content-Length",
                                String.valueOf(bytes.size())),
                        stream);
            }
        } catch (Undeliverable because) {
            throw new Refusal(410, because.reason(), because.why());
        } catch (IOException failed) {
            throw new ClusterUnavailable("the file could not be read", failed);
        }
    }

    /** By the wall clocks of controller and gateway, so never less than nothing. */
    private long sinceClaim(BoundRun run) {
        var claimed = run.claimTime();
        try {
            return claimed == null
                    ? 0
                    : Math.max(
                            0,
                            Duration.between(Instant.parse(claimed), clock.instant())
                                    .toMillis());
        } catch (DateTimeParseException unreadable) {
            return 0;
        }
    }

    private void started(Exchange exchange, SessionId id) {
        exchange.json(MAX_BODY);
        reports.started(running(exchange, id));
        sessions.started(id, exchange.remoteAddress());
        exchange.answer(204);
    }

    private void control(Exchange exchange, SessionId id) {
        var stop = sessions.stop(id, exchange.header(EXECUTION));
        if (stop.isPresent()) {
            exchange.answer(200, Json.object().put("stop", stop.get()));
        } else {
            exchange.answer(204);
        }
    }

    private void events(Exchange exchange, SessionId id) {
        exchange.answer(200, events.take(running(exchange, id), () -> exchange.dense(MAX_BODY)));
    }

    private void report(Exchange exchange, SessionId id) {
        var body = exchange.json(MAX_BODY);
        reports.report(bound(exchange, id), body);
        exchange.answer(204);
    }

    private void artifact(Exchange exchange, SessionId id) {
        var name = exchange.path().substring(ARTIFACTS.length());
        var run = running(exchange, id);
        if (run.reported()) {
            // what the report lists is what there is
            throw new Refusal(409, "NotBound", "the run has reported");
        }
        var declaration = run.artifacts().stream()
                .filter(declared -> name.equals(declared.name()))
                .filter(declared -> Reports.ARTIFACT_NAME.matcher(name).matches())
                .findFirst()
                .orElseThrow(() -> new Refusal(404, "ArtifactUndeclared", "the plugin declares no such artifact"));
        try {
            var stored = stored(exchange, run, declaration, run.key(name));
            exchange.answer(201, Json.object().put("sha256", stored.sha256()).put("size", stored.size()));
        } catch (ArtifactStore.TooLarge tooLarge) {
            throw new Refusal(413, "ArtifactTooLarge", "the run may not put out that much");
        } catch (ArtifactStore.Full full) {
            throw new Refusal(507, "StoreFull", STORE_FULL);
        } catch (IOException failed) {
            throw new ClusterUnavailable("the artifact could not be stored", failed);
        }
    }

    private StoredArtifact stored(Exchange exchange, BoundRun run, ArtifactDeclaration declaration, ArtifactKey key)
            throws IOException, ArtifactStore.TooLarge, ArtifactStore.Full {
        var output = Objects.requireNonNullElse(run.limits().outputBytes(), 0L);
        var most = outputs.reserve(run.id(), output, output - others(key));
        try {
            var stored = store.put(
                    key,
                    run.name().namespace(),
                    MediaTypes.of(declaration.type()),
                    lifetime(run, declaration),
                    exchange.stream(),
                    most);
            outputs.keeps(run.id(), key.name(), stored);
            return stored;
        } finally {
            outputs.settle(run.id(), most);
        }
    }

    /** What the run has put out besides: its other artifacts count too. */
    private long others(ArtifactKey key) {
        return store.ofAttempt(key.executionUID(), key.attempt()).stream()
                .filter(other -> !other.equals(key))
                .flatMap(other -> store.find(other).stream())
                .mapToLong(StoredArtifact::size)
                .sum();
    }

    private static Duration lifetime(BoundRun run, ArtifactDeclaration declaration) {
        var ttl = run.execution().getSpec().ttl();
        return Durations.read(declaration.ttl())
                .or(() -> Optional.ofNullable(ttl).flatMap(own -> Durations.read(own.artifacts())))
                .orElse(LIFETIME);
    }

    private BoundRun running(Exchange exchange, SessionId id) {
        var run = bound(exchange, id);
        if (run.ended()) {
            throw Refusal.notBound();
        }
        return run;
    }

    private BoundRun bound(Exchange exchange, SessionId id) {
        return executions
                .boundTo(id, exchange.header(EXECUTION))
                .orElseThrow(() -> clock.instant().isBefore(settled)
                        // our watch may still lag behind the claim our predecessor saw; "not bound" would be final
                        ? new Refusal(503, "Settling", "the gateway has just started")
                        : Refusal.notBound());
    }

    private void with(Exchange exchange, BiConsumer<Exchange, SessionId> route) {
        route.accept(exchange, sessions.verify(exchange.header("Authorization").orElse("")));
    }
}
