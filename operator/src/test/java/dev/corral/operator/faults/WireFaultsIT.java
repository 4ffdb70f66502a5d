package dev.corral.operator.faults;

import static dev.corral.operator.faults.Installed.soon;
import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.operator.faults.Weather.Answer;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The wire to the API server is bad, and everybody lives: runs end as if it had been good, and nobody floods the server. */
class WireFaultsIT extends OnRanch {
    @AfterEach
    void clear() {
        ranch.node.before((pod, step) -> {});
        proxies().forEach(proxy -> proxy.weather().clears());
    }

    /** 410: the version to go on from is gone, so everything is listed again; nothing that happened meanwhile is lost. */
    @Test
    void watchesWhoseVersionIsTooOldListAgain() {
        var namespace = ranch.cluster.newNamespace();
        ranch.node.before((pod, step) -> {
            if (step == SimulatedLauncher.Step.READY) {
                proxies().forEach(proxy -> {
                    proxy.weather().expire(path -> path.contains("/pluginexecutions") || path.contains("/pods"));
                    proxy.cutWatches();
                });
            }
        });
        ranch.endsWell(ranch.start(namespace));
        assertThat(proxies().flatMap(proxy -> proxy.weather().expired().stream()))
                .as("watches that were told")
                .anyMatch(path -> path.endsWith("/pluginexecutions"))
                .anyMatch(path -> path.endsWith("/pods"));
    }

    /** Every request of the run fails for a while: tried again with growing pauses, without a second claim, and it ends well. */
    @Test
    void aServerThatFailsIsNotFlooded() throws InterruptedException {
        var namespace = ranch.cluster.newNamespace();
        proxies()
                .forEach(proxy -> proxy.weather()
                        .answer(
                                request -> ofARun(request, namespace),
                                new Answer(500, "InternalError", Optional.empty())));
        var run = ranch.start(namespace);
        soon("the controller is at it")
                .until(() -> !ranch.controller().proxy().weather().met().isEmpty());
        Thread.sleep(Duration.ofSeconds(5)); // bad weather lasts
        var met = ranch.controller().proxy().weather().met();
        proxies().forEach(proxy -> proxy.weather().clears());
        assertThat(met).as("requests in five seconds of failure").hasSizeLessThan(60);
        ranch.endsWell(run);
    }

    /** 429: every write is one too many for a while. Each waits as long as it was told to, and none is lost: the run ends as ever. */
    @Test
    void aServerThatAsksForPatienceGetsIt() throws InterruptedException {
        var namespace = ranch.cluster.newNamespace();
        var wait = Duration.ofSeconds(1);
        proxies()
                .forEach(proxy -> proxy.weather()
                        .answer(
                                request -> ofARun(request, namespace),
                                new Answer(429, "TooManyRequests", Optional.of(wait))));
        var before = ranch.controller().proxy().weather().met().size();
        var run = ranch.start(namespace);
        var weather = ranch.controller().proxy().weather();
        soon("the controller was sent away three times")
                .until(() -> weather.met().size() >= before + 3);
        var met = weather.met().subList(before, weather.met().size());
        proxies().forEach(proxy -> proxy.weather().clears());
        for (int i = 1; i < met.size(); i++) {
            assertThat(Duration.between(met.get(i - 1).at(), met.get(i).at()))
                    .as(met.get(i - 1) + " and " + met.get(i))
                    .isGreaterThanOrEqualTo(wait);
        }
        ranch.endsWell(run);
    }

    /** More often refused than the operator SDK would try by itself: what a linter has to say is said when it can be. */
    @Test
    void aPluginIsLintedHoweverOftenItsStatusWasRefused() {
        var plugin = Installed.read("plugin.yaml", Plugin.class);
        plugin.getMetadata().setName("often");
        plugin.getMetadata().setNamespace(ranch.cluster.newNamespace());
        refusedOften("/plugins/often/status", ranch.cluster.admin().resource(plugin), Plugin::getStatus);
    }

    @Test
    void theClusterIsDescribedHoweverOftenThatWasRefused() {
        var cluster = new CorralCluster();
        cluster.setMetadata(new ObjectMetaBuilder().withName("cluster").build());
        refusedOften(
                "/corralclusters/cluster/status", ranch.cluster.admin().resource(cluster), CorralCluster::getStatus);
    }

    /** Nobody would come back to it: the next attempt is another pod. */
    @Test
    void thePodOfAnEarlierAttemptGoesAlsoIfItsDeletionWasRefused() {
        var namespace = ranch.cluster.newNamespace();
        var failed = new AtomicInteger();
        ranch.node.before((pod, step) -> {
            if (namespace.equals(pod.getMetadata().getNamespace()) && failed.getAndIncrement() == 0) {
                throw new SimulatedLauncher.Refused("no session");
            }
        });
        var refused = new AtomicInteger();
        ranch.controller()
                .proxy()
                .weather()
                .answer(
                        request -> request.method().equals("DELETE")
                                && request.path().contains("/namespaces/" + namespace + "/pods/")
                                && refused.getAndIncrement() == 0,
                        new Answer(403, "Forbidden", Optional.empty()));

        var run = ranch.start(namespace, "retried.yaml");

        soon("the end").until(() -> ranch.history.ended(run.uid()));
        var end = ranch.history.latest(run.uid()).orElseThrow();
        assertThat(History.outcome(end)).contains("True HandlerReturned");
        assertThat(refused.get()).isPositive();
        soon("one pod")
                .until(() -> ranch.pods(run).stream()
                        .map(pod -> pod.getMetadata().getName())
                        .toList()
                        .equals(List.of(end.getStatus().attempt().pod())));
    }

    private <T> void refusedOften(String path, Resource<T> created, Function<T, Object> status) {
        var weather = ranch.controller().proxy().weather();
        var before = weather.met().size();
        weather.answer(
                request -> request.method().equals("PATCH") && request.path().contains(path),
                new Answer(403, "Forbidden", Optional.empty())); // the client itself tries none of these again
        created.create();
        soon("one try more than the SDK's six").until(() -> weather.met().size() >= before + 7);
        assertThat(status.apply(created.get())).isNull();
        weather.clears();
        soon("its status").until(() -> status.apply(created.get()) != null);
    }

    private Stream<FaultProxy> proxies() {
        return Stream.of(ranch.controller().proxy(), ranch.gateway().proxy());
    }

    private static boolean ofARun(HttpMessage request, String namespace) {
        return (request.path() + "/").contains("/namespaces/" + namespace + "/")
                && !request.method().equals("GET");
    }
}
