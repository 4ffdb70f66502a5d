package dev.corral.operator.cluster;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.RequestConfig;
import io.fabric8.kubernetes.client.RequestConfigBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;

/**
 * Makes the client of a role. Jackson's own limits would refuse a list because of one deeply nested input in it, and so blind the
 * operator for everybody; the limits here are above what the API server lets in, and the controller refuses such inputs one by one.
 */
public final class Clients {
    private static final int DEPTH = 20_000;
    private static final int NAME_LENGTH = 2_000_000;
    private static final int NUMBER_LENGTH = 10_000;
    /** Until an answer to a list begins. Events are in no cache of the API server: a hundred thousand of them are read to find a few. */
    private static final Duration LISTED = Duration.ofMinutes(1);
    /**
     * The client closes each watch after five to ten minutes and sees nothing until it opens the next, which it would do a second later; an API
     * server that stays away is asked at most 32 times as seldom.
     */
    private static final Duration WATCH_AGAIN = Duration.ofMillis(50);

    private Clients() {}

    /** With the configuration a pod finds around itself. */
    public static KubernetesClient inCluster() {
        return with(Config.autoConfigure(null));
    }

    /** The same connections, for what fills caches: first lists of a large cluster take their time. */
    public static KubernetesClient forCaches(KubernetesClient client) {
        RequestConfig patient = new RequestConfigBuilder(
                        client.getConfiguration().getRequestConfig())
                .withRequestTimeout(Math.toIntExact(LISTED.toMillis()))
                .build();
        return client.adapt(NamespacedKubernetesClient.class)
                .withRequestConfig(patient)
                .call(same -> same);
    }

    /** With this configuration, which is changed. */
    public static KubernetesClient with(Config config) {
        config.setWatchReconnectInterval(Math.toIntExact(WATCH_AGAIN.toMillis()));
        JsonFactory wide = new JsonFactoryBuilder()
                .characterEscapes(new YamlEscapes())
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(DEPTH)
                        .maxNameLength(NAME_LENGTH)
                        .maxNumberLength(NUMBER_LENGTH)
                        .build())
                .streamWriteConstraints(
                        StreamWriteConstraints.builder().maxNestingDepth(DEPTH).build())
                .build();
        KubernetesSerialization serialization = new KubernetesSerialization(
                new ObjectMapper(wide)
                        .registerModules(TolerantReading.module(), SparseReading.module(), LeanReading.module()),
                true);
        // those of others are read without a type of ours, and are not first made into one of the client's when they
        // are watched
        serialization.registerKubernetesResource(
                "networking.k8s.io/v1", "NetworkPolicy", GenericKubernetesResource.class);
        return new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientFactory(new ApiConnections())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("corral-patience", new Patience())
                        .addOrReplaceInterceptor("corral-brief", new BriefAnswers())
                        .addOrReplaceInterceptor("corral-pages", new SlimPages(serialization)))
                .withKubernetesSerialization(serialization)
                .build();
    }
}
