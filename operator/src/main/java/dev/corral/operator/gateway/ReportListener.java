package dev.corral.operator.gateway;

import dev.corral.operator.plan.Installation;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.parsetools.RecordParser;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller's end of {@link ReportStream}: hears of reports as long as it is not closed, and connects anew whenever the connection
 * is lost. What is told meanwhile it never hears; the gateway writes that itself.
 */
public final class ReportListener implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ReportListener.class);
    private static final int CONNECT_MILLIS = 5_000;
    private static final int RETRY_MILLIS = 1_000;
    /** The gateway says something every 20 s. */
    private static final int QUIET_SECONDS = 60;
    /** A report has room in a status. */
    private static final int LONGEST_LINE = 64 * 1024;

    private final Vertx vertx;
    private final Supplier<Gateway> gateway;
    private final Consumer<ToldReport> heard;
    private volatile boolean closed;
    /** So that a gateway that is away for long is told of once. */
    private volatile boolean deaf;

    private volatile @Nullable HttpClient client;

    private ReportListener(Vertx vertx, Supplier<Gateway> gateway, Consumer<ToldReport> heard) {
        this.vertx = vertx;
        this.gateway = gateway;
        this.heard = heard;
    }

    /** Where the gateway is, whom to trust for it, and what shows it that we are the controller. */
    public record Gateway(String address, int port, String trustBundle, byte[] sessionMaster) {}

    /** Listens from now on. {@code heard} is called on an event loop and must not block. */
    public static ReportListener start(Vertx vertx, Supplier<Gateway> gateway, Consumer<ToldReport> heard) {
        var listener = new ReportListener(vertx, gateway, heard);
        listener.connect();
        return listener;
    }

    @Override
    public void close() {
        closed = true;
        var open = client;
        if (open != null) {
            open.close();
        }
    }

    private void connect() {
        if (closed) {
            return;
        }
        var now = gateway.get();
        var fresh = vertx.createHttpClient(new HttpClientOptions()
                .setSsl(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(now.trustBundle())))
                .setConnectTimeout(CONNECT_MILLIS)
                .setReadIdleTimeout(QUIET_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS));
        client = fresh;
        var once = new AtomicBoolean();
        Consumer<String> lost = why -> {
            if (once.compareAndSet(false, true)) {
                again(fresh, why);
            }
        };
        fresh.request(new RequestOptions()
                        .setServer(SocketAddress.inetSocketAddress(now.port(), now.address()))
                        .setHost(Installation.GATEWAY_SERVICE)
                        .setPort(now.port())
                        .setURI(ReportStream.PATH)
                        .putHeader("Authorization", new SessionKeys(now.sessionMaster()).controller()))
                .compose(request -> request.send())
                .onSuccess(response -> read(response, lost))
                .onFailure(failed -> lost.accept(failed.getMessage()));
    }

    private void read(HttpClientResponse response, Consumer<String> lost) {
        if (response.statusCode() != 200) {
            lost.accept("the gateway answers " + response.statusCode());
            return;
        }
        deaf = false;
        log.info("the gateway tells of reports");
        response.exceptionHandler(failed -> lost.accept(failed.getMessage()));
        response.endHandler(end -> lost.accept("the gateway ended it"));
        response.handler(RecordParser.newDelimited("\n", this::line).maxRecordSize(LONGEST_LINE));
    }

    private void line(Buffer line) {
        if (line.length() > 0) {
            Json.read(line.getBytes(), ToldReport.class).ifPresentOrElse(heard, () -> log.warn("an unreadable report"));
        }
    }

    private void again(HttpClient lost, String why) {
        lost.close();
        if (!closed) {
            if (!deaf) {
                deaf = true;
                log.atInfo().addKeyValue("why", why).log("not told of reports; the gateway writes them itself");
            }
            vertx.setTimer(RETRY_MILLIS, timer -> connect());
        }
    }
}
