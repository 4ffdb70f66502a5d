package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.gateway.GatewayFixture.Launcher;
import dev.corral.operator.gateway.ReportListener.Gateway;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
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
    void whatTheGatewayBeganTheControllerCompletes() throws Exception {
        launcher.ask("POST", "/v1/started", "{}");
        var begun = gateway.report(execution, launcher);
        try (var _ = listening(told -> {
            heard.add(told);
            gateway.cluster.update(execution, status -> Fixtures.ended(status, List.of()));
        })) {
            assertThat(launcher.ask("POST", "/v1/report", REPORT).status()).isEqualTo(204);
        }
        assertThat(gateway.cluster.reportWrites).as("that of the start").hasSize(1);
        assertThat(heard)
                .singleElement()
                .satisfies(told -> assertThat(told.report().completes(begun)).isTrue());
    }

    @Test
    void whatAStopBroughtAboutTheGatewayWrites() throws Exception {
        try (var _ = listening(heard::add)) {
            assertThat(launcher.ask("POST", "/v1/report", REPORT.replace("HandlerReturned", "Cancelled"))
                            .status())
                    .isEqualTo(204);
        }
        assertThat(gateway.report(execution, launcher).reason()).isEqualTo("Cancelled");
        assertThat(heard).isEmpty();
    }

    /** Of many reports only a few are being written while no controller listens; one that comes is told of the others. */
    @Test
    void aControllerThatComesIsToldOfThoseThatWait() throws Exception {
        var begun = new Semaphore(0);
        var held = new CountDownLatch(1);
        gateway.cluster.beforeReports = () -> {
            begun.release();
            await(held);
        };
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = new ArrayList<Future<Integer>>();
            for (var i = 2; i < 8; i++) {
                var other = gateway.launcher("pod-" + i).opened();
                gateway.claim(Fixtures.execution("run-" + i), other, 1);
                answers.add(threads.submit(
                        () -> other.ask("POST", "/v1/report", REPORT).status()));
            }
            begun.acquire(2);
            try (var _ = listening(told -> {
                heard.add(told);
                gateway.cluster.update(Fixtures.execution(told.name()), status -> Fixtures.ended(status, List.of()));
            })) {
                held.countDown();
                for (var answer : answers) {
                    assertThat(answer.get()).isEqualTo(204);
                }
            }
        }
        assertThat(gateway.cluster.reportWrites).hasSize(2);
        assertThat(heard).hasSize(4);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException stop) {
            throw new IllegalStateException(stop);
        }
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
