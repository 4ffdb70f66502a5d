package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.RunReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the controller of a report before it is written, so that the end of a run costs one write and not two in a row. Nothing depends on
 * it: a run that no controller has ended in good time has its report written by the gateway.
 */
final class ReportStream {
    static final String PATH = "/v1/reports";
    private static final Logger log = LoggerFactory.getLogger(ReportStream.class);
    /** Until the gateway writes itself; a launcher gives its report ten seconds per try. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** How soon it is noticed that nobody listens any more. */
    private static final Duration GLANCE = Duration.ofMillis(100);
    /** An empty line, so that both ends learn when the other is gone; connections here end after 90 s of silence. */
    private static final Duration BEAT = Duration.ofSeconds(20);
    /** Two controllers at once happen; more is a mistake. */
    private static final int MOST_LISTENERS = 4;
    /** A listener that does not take this many is not one. */
    private static final int BACKLOG = 1024;

    private final Executions executions;
    private final SessionKeys keys;
    private final Set<BlockingQueue<byte[]>> listeners = ConcurrentHashMap.newKeySet();

    ReportStream(Executions executions, SessionKeys keys) {
        this.executions = executions;
        this.keys = keys;
    }

    /** Answers with one line of JSON per report ({@link ToldReport}), until the listener goes away. */
    void listen(Exchange exchange) {
        if (!keys.isController(exchange.header("Authorization").orElse(""))) {
            throw new Refusal(401, "BadToken", "reports are for the controller");
        }
        if (listeners.size() >= MOST_LISTENERS) {
            throw new Refusal(429, "TooManyListeners", "ask again");
        }
        var lines = new LinkedBlockingQueue<byte[]>(BACKLOG);
        exchange.open(200, "application/x-ndjson");
        listeners.add(lines);
        log.info("a controller listens for reports");
        try {
            while (true) {
                var line = Optional.ofNullable(lines.poll(BEAT.toMillis(), TimeUnit.MILLISECONDS));
                exchange.write(line.orElseGet(() -> "\n".getBytes(StandardCharsets.UTF_8)));
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new Exchange.Disconnected(stop);
        } finally {
            listeners.remove(lines);
            log.info("a controller listens no more");
        }
    }

    boolean isHeard() {
        return !listeners.isEmpty();
    }

    /** Whether a controller, told of this report, has ended the run; false in good time, so that somebody else writes it. */
    boolean isTaken(BoundRun run, RunReport report) {
        var name = run.name();
        var told = new ToldReport(name.namespace(), name.name(), run.uid(), report);
        var line = (Json.compact(Json.tree(told)) + "\n").getBytes(StandardCharsets.UTF_8);
        for (var lines : listeners) {
            if (!lines.offer(line)) {
                return false;
            }
        }
        for (var left = PATIENCE; left.isPositive() && !listeners.isEmpty(); left = left.minus(GLANCE)) {
            if (executions
                    .await(run.id().session(), GLANCE, () -> Optional.of(run).filter(this::isOver))
                    .isPresent()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the execution is gone, has ended, or has moved on to another attempt. */
    boolean isOver(BoundRun run) {
        return executions
                .named(run.name())
                .filter(execution -> run.uid().equals(execution.getMetadata().getUid()))
                .flatMap(execution -> BoundRun.of(execution, run.id()))
                .filter(now -> !now.ended())
                .isEmpty();
    }
}
