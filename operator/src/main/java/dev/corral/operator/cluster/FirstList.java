package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long the first list of an informer is waited for, and how often that is said meanwhile. The client (Fabric8 7.8.0) waits so long for
 * an answer to begin, and for ever for it to end.
 */
public record FirstList(Duration said, Duration deadline) {
    private static final Logger log = LoggerFactory.getLogger(FirstList.class);

    /** It comes in pages, and in a cluster with a hundred thousand executions there are many. Then this process makes way for another. */
    public static final FirstList STANDARD = new FirstList(Duration.ofSeconds(30), Duration.ofMinutes(10));

    /** Starts the informer, and returns when it has listed; {@code what}, as people call it. */
    void await(SharedIndexInformer<?> informer, String what) {
        CompletableFuture<Void> listed = informer.start().toCompletableFuture();
        Duration waited = Duration.ZERO;
        while (!listedWithin(said, listed, what)) {
            waited = waited.plus(said);
            log.atWarn().addKeyValue("what", what).addKeyValue("waited", waited).log("not listed yet");
            if (waited.compareTo(deadline) >= 0) {
                informer.stop();
                throw new KubernetesClientException(what + " not listed within " + deadline.toSeconds() + " s");
            }
        }
    }

    private static boolean listedWithin(Duration wait, CompletableFuture<Void> listed, String what) {
        try {
            listed.get(wait.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (ExecutionException failed) {
            throw KubernetesClientException.launderThrowable(failed.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new KubernetesClientException("interrupted while listing " + what, stop);
        }
    }
}
