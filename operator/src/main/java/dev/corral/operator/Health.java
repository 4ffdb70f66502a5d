package dev.corral.operator;

import dev.corral.operator.gateway.OneByOne;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.BooleanSupplier;

/** {@code /healthz}, {@code /readyz} and {@code /metrics}, without TLS: for the kubelet and the metrics service only. */
final class Health {
    /** Seconds. Who scrapes less often connects anew. */
    private static final int QUIET = 90;

    private final Vertx vertx;
    private final PrometheusMeterRegistry metrics;
    private final BooleanSupplier alive;
    private final BooleanSupplier ready;

    Health(Vertx vertx, PrometheusMeterRegistry metrics, BooleanSupplier alive, BooleanSupplier ready) {
        this.vertx = vertx;
        this.metrics = metrics;
        this.alive = alive;
        this.ready = ready;
    }

    /** What every role measures of itself. */
    static PrometheusMeterRegistry registry() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        return registry;
    }

    HttpServer listen(int port) {
        HttpServer server = OneByOne.server(vertx, new HttpServerOptions().setIdleTimeout(QUIET))
                .requestHandler(this::answer);
        server.listen(port, "0.0.0.0").toCompletionStage().toCompletableFuture().join();
        return server;
    }

    private void answer(HttpServerRequest request) {
        switch (request.path()) {
            case "/healthz" -> status(request, alive.getAsBoolean());
            case "/readyz" -> status(request, ready.getAsBoolean());
            case "/metrics" ->
                request.response()
                        .putHeader("Content-Type", "text/plain; version=0.0.4")
                        .end(metrics.scrape());
            default -> request.response().setStatusCode(404).end();
        }
    }

    private static void status(HttpServerRequest request, boolean good) {
        request.response().setStatusCode(good ? 200 : 503).end(good ? "ok\n" : "not yet\n");
    }
}
