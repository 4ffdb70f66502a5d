package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.gateway.GatewayFixture.Launcher;
import dev.corral.operator.gateway.ReportListener.Gateway;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports told to a controller before they are written, over real sockets, and what happens when it does nothing with them. */
class ReportStreamTest {
    private static final String REPORT =
            "{'attempt':1,'reason':'HandlerReturned','exitCode':0,'result':{'broken':0},'artifacts':[]}";

    @TempDir
    Path directory;

    private final Vertx vertx = Vertx.vertx();
    private final LinkedBlockingQueue<ToldReport> heard = new LinkedBlockingQueue<>();
    private GatewayFixture gateway;
    private Launcher launcher;
    private PluginExecution execution;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(directory);
        launcher = gateway.launcher("pod-1").opened();
        execution = gateway.claim(Fixtures.execution("check"), launcher, 1);
    }

    @AfterEach
    void stop() {
        gateway.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void whatTheControllerEndsTheGatewayDoesNotWrite() throws Exception {
        try (var _ = listening(told -> {
            heard.add(told);
            gateway.cluster.update(execution, status -> Fixtures.ended(status, List.of()));
        })) {
            assertThat(launcher.ask("POST", "/v1/report", REPORT).status()).isEqualTo(204);
        }
        assertThat(gateway.cluster.reportWrites).isEmpty();
        var told = heard.poll(5, TimeUnit.SECONDS);
        assertThat(told.name()).isEqualTo("check");
        assertThat(told.uid()).isEqualTo(execution.getMetadata().getUid());
        assertThat(told.report().session()).isEqualTo(launcher.session);
        assertThat(told.report().started())
                .as("completed as if it were written")
                .isTrue();
        assertThat(told.report().result()).isEqualTo(Fixtures.json("{'broken':0}"));
    }

    @Test
    void whatTheControllerLeavesTheGatewayWrites() throws Exception {
        try (var _ = listening(heard::add)) {
            assertThat(launcher.ask("POST", "/v1/report", REPORT).status()).isEqualTo(204);
        }
        assertThat(heard).hasSize(1);
        assertThat(gateway.report(execution, launcher)).isEqualTo(heard.remove().report());
    }

    @Test
    void aControllerThatGoesAwayMeanwhileIsNotWaitedFor() throws Exception {
        var gone = new LinkedBlockingQueue<ReportListener>();
        gone.add(listening(told -> gone.remove().close()));
        assertThat(launcher.ask("POST", "/v1/report", REPORT).status()).isEqualTo(204);
        assertThat(gateway.report(execution, launcher).reason()).isEqualTo("HandlerReturned");
    }

    @Test
    void whatTheGatewayBeganAndWhatAStopBroughtAboutItWritesItself() throws Exception {
        try (var _ = listening(heard::add)) {
            launcher.ask("POST", "/v1/started", "{}");
            assertThat(launcher.ask("POST", "/v1/report", REPORT).status()).isEqualTo(204);
            assertThat(gateway.report(execution, launcher).reason()).isEqualTo("HandlerReturned");

            var other = gateway.launcher("pod-2").opened();
            var stopped = gateway.claim(Fixtures.execution("stopped"), other, 1);
            assertThat(other.ask("POST", "/v1/report", REPORT.replace("HandlerReturned", "Cancelled"))
                            .status())
                    .isEqualTo(204);
            assertThat(gateway.report(stopped, other).reason()).isEqualTo("Cancelled");
        }
        assertThat(heard).isEmpty();
    }

    @Test
    void aListenerComesBackToAGatewayThatWasRestarted() throws Exception {
        try (var _ = listening(heard::add)) {
            gateway.restart();
            awaitListener();
            launcher.ask("POST", "/v1/report", REPORT);
        }
        assertThat(heard).hasSize(1);
    }

    @Test
    void nobodyElseListens() {
        for (var authorization :
                List.of("", "Bearer token", launcher.authorization, "Corral-Controller " + "0".repeat(64))) {
            var answer =
                    gateway.call(gateway.server.readerPort(), "GET", ReportStream.PATH, authorization, new byte[0]);
            assertThat(answer.status()).as(authorization).isEqualTo(401);
            assertThat(answer.code()).isEqualTo("BadToken");
        }
        assertThat(launcher.get(ReportStream.PATH).status())
                .as("on the port of launchers")
                .isEqualTo(404);
    }

    private ReportListener listening(Consumer<ToldReport> does) throws InterruptedException {
        var listener = ReportListener.start(vertx, this::place, does);
        awaitListener();
        return listener;
    }

    private void awaitListener() throws InterruptedException {
        while (!gateway.server.isHeard()) {
            Thread.sleep(20);
        }
    }

    private Gateway place() {
        var material = GatewayFixture.MATERIAL;
        return new Gateway(
                "127.0.0.1",
                gateway.server.readerPort(),
                material.bundle(),
                HexFormat.of().parseHex(material.sessionKey()));
    }
}
