package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits as long as an API server that has too much to do asks for (429, {@code Retry-After}) before the client's own retries go on: those
 * read the header and then come again after their own pause all the same (Fabric8 7.8.0). At most eight seconds, the longest that API
 * servers ask for, since the wait counts towards the time a request may take.
 */
final class Patience implements Interceptor {
    private static final int TOO_MANY = 429;
    private static final Duration LONGEST = Duration.ofSeconds(8);

    @Override
    public CompletableFuture<Boolean> afterFailure(BasicBuilder request, HttpResponse<?> answer, RequestTags tags) {
        Duration wait = answer.code() == TOO_MANY ? asked(answer.header("Retry-After")) : Duration.ZERO;
        if (wait.isZero()) {
            return CompletableFuture.completedFuture(false);
        }
        Executor later = CompletableFuture.delayedExecutor(wait.toMillis(), TimeUnit.MILLISECONDS);
        return CompletableFuture.supplyAsync(() -> false, later); // the answer stands; whoever retries does it after it
    }

    /** API servers say it in seconds; what is no number asks for nothing. */
    static Duration asked(@Nullable String header) {
        if (header == null || !header.strip().matches("[0-9]{1,9}")) {
            return Duration.ZERO;
        }
        Duration wait = Duration.ofSeconds(Long.parseLong(header.strip()));
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
