package dev.corral.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.corral.testing.ApiServer;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The API server takes what the operator reads, and nothing else: an object that is taken and cannot be read denies whatever it is about. */
class SchemaIT {
    private static final Map<String, String> PATHS = Map.of(
            "Plugin", "namespaces/default/plugins",
            "PluginPolicy", "namespaces/default/pluginpolicies",
            "ClusterPluginPolicy", "clusterpluginpolicies");

    @AutoClose
    private static final ApiServer API = ApiServer.start();

    private static KubernetesClient client;

    @BeforeAll
    static void serve() {
        API.serveKinds();
        client = API.client();
    }

    @TestFactory
    Stream<DynamicTest> whatIsTakenIsRead() {
        return SpecCase.all().stream()
                .map(spec -> dynamicTest(spec.toString(), () -> {
                    if (spec.readable()) {
                        assertThat(create(spec)).contains(spec.kind());
                    } else {
                        assertThatThrownBy(() -> create(spec))
                                .isInstanceOfSatisfying(
                                        KubernetesClientException.class,
                                        refusal -> assertThat(refusal.getCode()).isEqualTo(422));
                    }
                }));
    }

    private static String create(SpecCase spec) {
        return client.raw(
                "/apis/corral.dev/v1alpha1/" + PATHS.get(spec.kind()) + "?dryRun=All&fieldValidation=Strict",
                "POST",
                Serialization.unmarshal(spec.yaml(), Map.class));
    }
}
