package dev.corral.operator.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.testing.ApiServer;
import dev.corral.testing.ClusterPrograms;
import io.fabric8.kubernetes.api.model.Config;
import io.fabric8.kubernetes.api.model.ConfigBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cluster/up --context NAME --registry HOST/PATH}: a cluster of the user's, and images by way of their registry. */
class OwnClusterIT {
    @AutoClose
    private static final ApiServer API = ApiServer.start();

    @TempDir
    static Path folder;

    private static Path checkout;

    private record Said(int exit, String out, String err) {}

    /** Two contexts: the current one, where nobody answers, and the one that will be named. */
    @BeforeAll
    static void makeUser() throws IOException {
        checkout = Checkout.in(folder.resolve("corral"));
        var theirs = Serialization.unmarshal(Files.readString(API.kubeconfig()), Config.class);
        var both = new ConfigBuilder(theirs)
                .editContext(0)
                .withName("theirs")
                .endContext()
                .addNewCluster()
                .withName("nobody")
                .withNewCluster()
                .withServer("https://127.0.0.1:1")
                .endCluster()
                .endCluster()
                .addNewContext()
                .withName("current")
                .withNewContext()
                .withCluster("nobody")
                .withUser("admin")
                .endContext()
                .endContext()
                .withCurrentContext("current")
                .build();
        Files.writeString(folder.resolve("kubeconfig"), Serialization.asYaml(both));
    }

    @Test
    void imagesGoToTheNamedRegistryAndCommandsToTheNamedContext() throws IOException, InterruptedException {
        var tools = script("build", "--only", "tools", "--print-bin").out().strip();
        int port = freePort();
        var registry = new ProcessBuilder(tools + "/image", "registry", "127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("registry.log").toFile())
                .start();
        try {
            assertThat(script("images", "launcher").exit()).isZero();
            var up = script("up", "--context", "theirs", "--registry", "127.0.0.1:" + port + "/corral/");
            assertThat(up.exit()).as(up.err()).isZero();

            var loaded = script("load");

            assertThat(loaded.exit()).as(loaded.err()).isZero();
            var digest = Files.readString(checkout.resolve("target/images/digests"))
                    .strip()
                    .replaceFirst(".*@", "");
            assertThat(loaded.out().strip()).isEqualTo("127.0.0.1:" + port + "/corral/launcher@" + digest);
            assertThat(checkout.resolve("target/images/references"))
                    .hasContent("launcher=127.0.0.1:" + port + "/corral/launcher@" + digest);
            assertThat(pulled(port, digest))
                    .as("an index over both architectures, under the digest it is pinned by")
                    .contains("amd64", "arm64");
            assertThat(script("kubectl", "get", "namespace", "kube-system", "-o", "name")
                            .out())
                    .isEqualToIgnoringNewLines("namespace/kube-system");
            var helm = script("helm", "list", "--all-namespaces", "--short");
            assertThat(helm.exit()).as(helm.err()).isZero();

            var down = script("down");
            assertThat(down.err()).contains("context theirs is no longer used; nothing in that cluster was changed");
            assertThat(script("kubectl", "get", "nodes").err()).contains("no cluster is up");
        } finally {
            registry.destroy();
            assertThat(registry.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void whatCannotWorkIsSaidInOneSentence() throws IOException, InterruptedException {
        assertThat(script("up", "--context", "current", "--registry", "127.0.0.1:1/x")
                        .err())
                .contains("context 'current' does not answer; check it with: kubectl --context current cluster-info.");
        assertThat(script("up", "--context", "theirs").err())
                .contains("a cluster of yours needs both --context NAME and --registry HOST/PATH.");
        assertThat(checkout.resolve("target/cluster/context")).doesNotExist();
    }

    private static String pulled(int port, String digest) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var manifest = http.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + port + "/v2/corral/launcher/manifests/" + digest))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(manifest.statusCode()).isEqualTo(200);
            return manifest.body();
        }
    }

    private static Said script(String name, String... arguments) throws IOException, InterruptedException {
        var command =
                new ArrayList<>(List.of(checkout.resolve("cluster/" + name).toString()));
        command.addAll(List.of(arguments));
        var errors = Files.createTempFile(folder, name, ".err");
        var builder = new ProcessBuilder(command).redirectError(errors.toFile());
        builder.environment().put("KUBECONFIG", folder.resolve("kubeconfig").toString());
        builder.environment().put("CORRAL_RUN", folder.resolve("run").toString()); // a local cluster may be up
        builder.environment()
                .merge("PATH", ClusterPrograms.folder().toString(), (path, kubectl) -> kubectl + ":" + path);
        var process = builder.start();
        var out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(process.waitFor(), out, Files.readString(errors));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
