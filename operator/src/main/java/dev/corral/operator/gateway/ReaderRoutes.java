package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.PluginExecution;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Hands published artifacts to whoever may read them; to everybody else they look as if they were not there. */
final class ReaderRoutes {
    static final String AUDIENCE = "corral-artifacts";
    private static final Pattern PATH = Pattern.compile(
            "/v1/namespaces/([a-z0-9][a-z0-9-]{0,62})/executions/([a-z0-9][a-z0-9.-]{0,252})/artifacts/([a-z0-9][a-z0-9._-]{0,62})");
    private static final String BEARER = "Bearer ";

    private final Doorkeeper doorkeeper;
    private final ReportStream reports;
    private final GatewayCluster cluster;
    private final Executions executions;
    private final ArtifactStore store;
    private final InstantSource clock;

    ReaderRoutes(
            Doorkeeper doorkeeper,
            ReportStream reports,
            GatewayCluster cluster,
            Executions executions,
            ArtifactStore store,
            InstantSource clock) {
        this.doorkeeper = doorkeeper;
        this.reports = reports;
        this.cluster = cluster;
        this.executions = executions;
        this.store = store;
        this.clock = clock;
    }

    void handle(Exchange exchange) {
        if (exchange.path().equals(ReportStream.PATH)) {
            reports.listen(exchange);
            return;
        }
        var path = PATH.matcher(exchange.path());
        var head = exchange.method().equals("HEAD");
        if (!head && !exchange.method().equals("GET")) {
            throw new Refusal(405, "MethodNotAllowed", "artifacts can only be read");
        }
        // what is refused without a review takes none of those all readers share, and says the same to everybody
        var authorization = exchange.header("Authorization").orElse("");
        if (!authorization.startsWith(BEARER)) {
            throw badToken();
        }
        if (!path.matches()) {
            throw notFound();
        }
        doorkeeper.admit(exchange.remoteAddress());
        var caller = cluster.authenticate(authorization.substring(BEARER.length()), AUDIENCE)
                .orElseThrow(ReaderRoutes::badToken);
        // the right is asked for before anything is looked up, so that the time an answer takes tells nothing either
        if (!cluster.mayReadArtifacts(caller, path.group(1), path.group(2))) {
            throw notFound();
        }
        var execution = executions
                .named(new NamespacedName(path.group(1), path.group(2)))
                .orElseThrow(ReaderRoutes::notFound);
        send(exchange, execution, path.group(3), head);
    }

    private void send(Exchange exchange, PluginExecution execution, String name, boolean head) {
        var published = published(execution, name).orElseThrow(ReaderRoutes::notFound);
        var key = key(execution, name).orElseThrow(ReaderRoutes::notFound);
        var stored = store.find(key)
                .filter(artifact -> artifact.sha256().equals(published.sha256()))
                .filter(artifact -> !artifact.isExpired(clock.instant()))
                .filter(artifact -> !expired(published))
                .orElseThrow(ReaderRoutes::expired);
        var headers = Map.of(
                "Content-Type",
                MediaTypes.of(stored.type()),
                "Content-Length",
                String.valueOf(stored.size()),
                "Content-Disposition",
                "attachment; filename=\"" + name + "\"",
                "X-Content-Type-Options",
                "nosniff",
                "Cache-Control",
                "private, no-cache",
                "ETag",
                "\"sha256:" + stored.sha256() + "\"");
        if (head) {
            exchange.answerHead(200, headers);
            return;
        }
        try (var content = store.open(key).orElseThrow(ReaderRoutes::expired)) {
            exchange.answer(200, headers, content);
        } catch (IOException failed) {
            throw new ClusterUnavailable("the artifact could not be read", failed);
        }
    }

    static Optional<ArtifactKey> key(PluginExecution execution, String name) {
        return Optional.ofNullable(execution.getStatus())
                .map(status -> status.attempt())
                .map(attempt -> attempt.number())
                .map(attempt -> new ArtifactKey(execution.getMetadata().getUid(), attempt, name));
    }

    /** Only what the status lists: the artifacts of a revoked run are kept but not handed out. */
    static Optional<ArtifactStatus> published(PluginExecution execution, String name) {
        return Optional.ofNullable(execution.getStatus())
                .map(status -> status.artifacts())
                .flatMap(artifacts -> artifacts.stream()
                        .filter(artifact -> name.equals(artifact.name()) && "Ready".equals(artifact.state()))
                        .findFirst());
    }

    private boolean expired(ArtifactStatus published) {
        try {
            return published.expires() != null
                    && !Instant.parse(published.expires()).isAfter(clock.instant());
        } catch (DateTimeException unreadable) {
            return false;
        }
    }

    private static Refusal badToken() {
        return new Refusal(401, "BadToken", "a token for the audience " + AUDIENCE + " is needed");
    }

    private static Refusal notFound() {
        return new Refusal(404, "NotFound", "there is no such artifact");
    }

    private static Refusal expired() {
        return new Refusal(410, "Expired", "the artifact was removed when its time was over");
    }
}
