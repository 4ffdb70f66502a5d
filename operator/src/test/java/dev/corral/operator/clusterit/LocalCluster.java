package dev.corral.operator.clusterit;

import dev.corral.operator.cluster.Clients;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The local cluster with this build's images and chart, made once for all classes: {@code cluster/up}, then {@code examples/install}
 * without its Maven line. It is left as it was found: up if it was up.
 *
 * <p>{@code -Dcorral.cluster=skip} skips every class; {@code -Dcorral.cluster=installed} takes what is installed already.
 */
final class LocalCluster implements AutoCloseable {
    /** Whom the guards let make pods with Corral's labels, so that a test may put another program where the launcher would be. */
    static final String PLANTER = "planter@clusterit.corral.dev";

    static final String SYSTEM = "corral-system";

    private final Path root;
    private final boolean ours;
    private final Config config;
    private final KubernetesClient admin;
    private final Map<String, String> images;

    private LocalCluster(Path root, boolean ours) {
        this.root = root;
        this.ours = ours;
        config = Config.fromKubeconfig(output("cluster/kubectl", "config", "view", "--raw"));
        config.setRequestRetryBackoffLimit(3);
        admin = client(config);
        images = lines(root.resolve("target/images/references")).stream()
                .map(line -> line.split("=", 2))
                .collect(Collectors.toUnmodifiableMap(pair -> pair[0], pair -> pair[1]));
    }

    /** The one of this test run. */
    static LocalCluster of(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(LocalCluster.class))
                .getOrComputeIfAbsent("cluster", key -> start(wanted()), LocalCluster.class);
    }

    private static String wanted() {
        return System.getProperty("corral.cluster", "up");
    }

    private static LocalCluster start(String wanted) {
        var root = root();
        if (wanted.equals("installed")) {
            return new LocalCluster(root, false);
        }
        var wasUp = Files.exists(runFolder()); // up, or crashed: not ours to take down either way
        must(root, "cluster/up");
        install(root);
        return new LocalCluster(root, !wasUp);
    }

    /** Why there can be no cluster, where there can be none. */
    static Optional<String> impossible() {
        if (wanted().equals("skip")) {
            return Optional.of("-Dcorral.cluster=skip");
        }
        if (Files.exists(root().resolve("target/cluster/context"))) {
            return Optional.of(
                    "they need the local cluster and its outside, and cluster/up --context chose another one");
        }
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.of("the local cluster needs Linux");
        }
        try {
            var root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
            return root ? Optional.empty() : Optional.of("the local cluster needs root; run the build as root");
        } catch (IOException unreadable) {
            return Optional.of("the local cluster needs /proc");
        }
    }

    private static Path root() {
        var here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("cluster/up")) ? here : here.getParent();
    }

    /** Where cluster/up keeps its state (cluster/README.md). */
    static Path runFolder() {
        return Path.of(Optional.ofNullable(System.getenv("CORRAL_RUN")).orElse("/run/corral"));
    }

    KubernetesClient admin() {
        return admin;
    }

    /** Installs the chart again with more values, as {@code name=value}; without any it is as it was. */
    void install(String... values) {
        install(root, values);
    }

    /** Installs the chart once more, into another namespace, with these values. */
    void installAlso(String namespace, String... values) {
        install(root, List.of("--namespace", namespace), values);
    }

    private static void install(Path root, String... values) {
        install(root, List.of(), values);
    }

    private static void install(Path root, List<String> flags, String... values) {
        var words = new ArrayList<>(
                List.of("examples/install", "--no-build", "--set", "guard.exemptUsers={" + PLANTER + "}"));
        words.addAll(flags);
        for (var value : values) {
            words.addAll(List.of("--set", value));
        }
        must(root, words.toArray(String[]::new));
    }

    /** Somebody else, with every right RBAC can give: what still refuses them is a guard. */
    KubernetesClient as(String user) {
        return as(user, "system:masters", "system:authenticated");
    }

    /** Somebody with the rights that everybody has. */
    KubernetesClient anybody() {
        return as("anybody", "system:authenticated");
    }

    private KubernetesClient as(String user, String... groups) {
        var other = new ConfigBuilder(config).build();
        other.setImpersonateUsername(user);
        other.setImpersonateGroups(groups);
        return client(other);
    }

    /** Objects are read as Corral reads them: a status that nobody wrote is none. */
    private static KubernetesClient client(Config config) {
        try (var corrals = Clients.with(Config.empty())) {
            // which knows those of others by no type; tests write and list them by their kind
            corrals.getKubernetesSerialization()
                    .registerKubernetesResource("networking.k8s.io/v1", "NetworkPolicy", NetworkPolicy.class);
            return new KubernetesClientBuilder()
                    .withConfig(config)
                    .withKubernetesSerialization(corrals.getKubernetesSerialization())
                    .build();
        }
    }

    /** The pinned name of one of the project's images. */
    String image(String name) {
        return Optional.ofNullable(images.get(name)).orElseThrow(() -> new AssertionError("no image " + name));
    }

    /** Builds an image of the probe with other settings ({@code image make}'s flags), loads it, and gives its pinned name. */
    synchronized String probeImage(String name, String... flags) {
        var layer = root.resolve("target/clusterit/layer");
        var layout = root.resolve("target/clusterit/" + name).toString();
        var tools = output("cluster/build", "--only", "tools", "--print-bin").strip();
        var words = new ArrayList<>(List.of("/bin/sh", "-euc", """
                layer=$1 layout=$2 image=$3; shift 3
                (cd launcher && CGO_ENABLED=0 go build -trimpath -buildvcs=false -o "$layer/probe" ./probe)
                "$image" make "$layout" "$@" --platform "linux/$(go env GOARCH)" --layer "$layer"
                """, "sh", layer.toString(), layout, tools + "/image"));
        words.addAll(List.of(flags));
        must(root, words.toArray(String[]::new));
        return must(root, "cluster/load", layout).strip();
    }

    /** What the pretended internet saw of a pod, one JSON line each; addresses are used again, so only what came since it was created counts. */
    List<String> outsideSaw(Pod pod) {
        var created = Instant.parse(pod.getMetadata().getCreationTimestamp());
        return pod.getStatus().getPodIPs().stream()
                .map(PodIP::getIp)
                .flatMap(ip -> Stream.of(ip.contains(":") ? "[" + ip + "]:" : ip + ":", ip + "\""))
                .flatMap(remote -> outsideHeard("\"remote\":\"" + remote).stream())
                .filter(line -> !Instant.parse(line.split("\"", 5)[3]).isBefore(created))
                .toList();
    }

    /** Lines of the pretended internet that hold a text, for instance the path of a request. */
    List<String> outsideHeard(String text) {
        return lines(runFolder().resolve("log/outside.jsonl")).stream()
                .filter(line -> line.contains(text))
                .toList();
    }

    /** Runs a script of the repository, which must succeed, and gives what it printed. */
    String output(String... command) {
        return must(root, command);
    }

    /** Runs a script of the repository. */
    Outcome run(String... command) {
        return run(root, command);
    }

    record Outcome(int code, String out, String err) {}

    private static String must(Path root, String... command) {
        var outcome = run(root, command);
        if (outcome.code() != 0) {
            throw new AssertionError(String.join(" ", command) + " ended with " + outcome.code() + ":\n" + outcome.err()
                    + outcome.out());
        }
        return outcome.out();
    }

    private static Outcome run(Path root, String... command) {
        try {
            var out = Files.createTempFile("corral", ".out");
            var err = Files.createTempFile("corral", ".err");
            var words = new ArrayList<>(List.of(command));
            words.set(0, root.resolve(words.get(0)).toString());
            var process = new ProcessBuilder(words)
                    .directory(root.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            process.getOutputStream().close();
            var outcome = new Outcome(process.waitFor(), Files.readString(out), Files.readString(err));
            Files.delete(out);
            Files.delete(err);
            return outcome;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Override
    public void close() {
        admin.close();
        if (ours) {
            must(root, "cluster/down");
        }
    }
}
