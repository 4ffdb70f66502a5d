package dev.corral.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.Plugin;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.api.v1alpha1.PluginExecutionStatus;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.decide.Snapshot.Standing;
import dev.corral.operator.decide.Surroundings.FoundPlugin;
import dev.corral.operator.observe.NetworkOpening;
import dev.corral.operator.observe.NetworkOpening.Stray;
import dev.corral.operator.observe.SlimPod;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.policy.AlwaysExcepted;
import dev.corral.operator.queue.Gate;
import dev.corral.operator.queue.Place;
import dev.corral.operator.queue.QueueBound;
import dev.corral.operator.queue.Ticket;
import dev.corral.operator.render.LaidPolicy;
import dev.corral.operator.render.NetworkPolicyRenderer;
import dev.corral.operator.render.ObjectNames;
import dev.corral.operator.spec.Slim;
import dev.corral.operator.status.StatusDraft;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Storyboards: {@code stories/<name>/<NN-step>/in-*.yaml} is the world, {@code decision.yaml} everything that is decided from it.
 * A step inherits the files of the steps before it, and its execution carries the status decided last, so a step holds only what
 * changed. {@code -Dcorral.rewrite=true} writes the decisions anew; the diff is for review.
 */
class StoryTest {
    private static final Path STORIES = Path.of("src/test/resources/stories");
    private static final boolean REWRITE = Boolean.getBoolean("corral.rewrite");
    static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .enable(YAMLGenerator.Feature.LITERAL_BLOCK_STYLE))
            .setDefaultPropertyInclusion(JsonInclude.Include.NON_EMPTY)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
    private static final Set<String> KNOWN = Set.of(
            "in-execution.yaml",
            "in-status.yaml",
            "in-plugin.yaml",
            "in-pod.yaml",
            "in-told.yaml",
            "in-sealed.yaml",
            "in-world.yaml",
            "decision.yaml");

    static final Installation INSTALLATION = new Installation(
            "corral-system",
            "corral.local/launcher@sha256:" + "a".repeat(64),
            LauncherDelivery.ImageVolume,
            "10.96.0.50",
            "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
            "test",
            "");

    static Decider decider() {
        return Decider.standard(AlwaysExcepted.with(List.of()), Clocks.standard());
    }

    @TestFactory
    Stream<DynamicTest> stories() throws IOException {
        try (Stream<Path> names = Files.list(STORIES)) {
            List<Path> sorted = names.filter(Files::isDirectory).sorted().toList();
            assertThat(sorted).isNotEmpty();
            return sorted.stream()
                    .map(story -> DynamicTest.dynamicTest(story.getFileName().toString(), () -> tell(story)));
        }
    }

    private static void tell(Path story) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        PluginExecutionStatus status = null;
        Map<String, LaidPolicy> rendered = new HashMap<>();
        for (Path step : children(story)) {
            for (Path file : children(step)) {
                String name = file.getFileName().toString();
                assertThat(KNOWN.contains(name) || name.matches("in-(policy|producer|waiting|earlier).*\\.yaml"))
                        .as("%s is read by nobody", file)
                        .isTrue();
                files.put(name, file);
            }
            files.remove("decision.yaml");
            if (!Files.exists(step.resolve("in-status.yaml"))) {
                files.remove("in-status.yaml");
            }
            Snapshot world = world(files, status, rendered);
            String given = given(world);
            Decision decision = decider().decide(world, now(files));
            assertThat(given(world))
                    .as("what caches hold, which a decision is not to change")
                    .isEqualTo(given);
            compare(step.resolve("decision.yaml"), text(decision));
            sameFromCaches(world, decision, now(files));
            status = decision.status().orElse(status);
        }
    }

    /** What ended is kept slim, and large ones that have not are read whole before they are looked at; pods are always slim. */
    private static void sameFromCaches(Snapshot world, Decision decision, Instant now) throws IOException {
        PluginExecution kept =
                RunState.ended(world.execution().getStatus()) ? Slim.of(world.execution()) : world.execution();
        Map<String, PluginExecution> producers = new HashMap<>(world.producers());
        producers.replaceAll((name, producer) -> Slim.of(producer));
        Snapshot cached = new Snapshot(
                kept,
                world.surroundings(),
                producers,
                new PodFacts(
                        world.pod().map(SlimPod::of),
                        world.facts().owned().stream().map(SlimPod::of).toList(),
                        world.told(),
                        world.facts().sealed(),
                        world.facts().refusal(),
                        world.unmounted()),
                world.openings(),
                new Pools(
                        world.pools().waiting().stream().map(SlimPod::of).toList(),
                        world.pools().classes(),
                        world.pools().rival(),
                        world.pools().surge()),
                world.standing(),
                world.seen());
        assertThat(text(decider().decide(cached, now))).isEqualTo(text(decision));
        assertThat(StandingNotes.of(kept, false, now)).isEqualTo(StandingNotes.of(world.execution(), false, now));
    }

    private static String given(Snapshot world) throws IOException {
        return YAML.writeValueAsString(List.of(
                world.execution(),
                world.pod().map(List::of).orElse(List.of()),
                world.clusterPolicies(),
                world.policies(),
                world.producers()));
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    private static Instant now(Map<String, Path> files) {
        return Instant.parse(world(files).path("now").asText());
    }

    private static JsonNode world(Map<String, Path> files) {
        return read(files.get("in-world.yaml"), JsonNode.class);
    }

    /** {@code rendered}: the network policies of this story so far, each as it was rendered first. */
    private static Snapshot world(
            Map<String, Path> files, PluginExecutionStatus last, Map<String, LaidPolicy> rendered) {
        JsonNode world = world(files);
        PluginExecution execution = read(files.get("in-execution.yaml"), PluginExecution.class);
        if (execution.getStatus() == null) {
            execution.setStatus(last);
        }
        if (files.containsKey("in-status.yaml")) {
            // what the gateway's field manager adds to the status decided last
            ObjectMapper json = new ObjectMapper();
            JsonNode merged = json.valueToTree(last);
            try {
                json.readerForUpdating(merged).readValue(read(files.get("in-status.yaml"), JsonNode.class));
                execution.setStatus(json.treeToValue(merged, PluginExecutionStatus.class));
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
        Optional<FoundPlugin> plugin = Optional.ofNullable(files.get("in-plugin.yaml"))
                .map(file -> read(file, Plugin.class))
                .map(found ->
                        new FoundPlugin("Plugin", found.getMetadata().getName(), "plugin-uid", 1, found.getSpec()));
        List<ClusterPluginPolicy> clusterPolicies = new ArrayList<>();
        List<PluginPolicy> policies = new ArrayList<>();
        files.forEach((name, file) -> {
            if (name.startsWith("in-policy")) {
                if ("PluginPolicy"
                        .equals(read(file, JsonNode.class).path("kind").asText())) {
                    policies.add(read(file, PluginPolicy.class));
                } else {
                    clusterPolicies.add(read(file, ClusterPluginPolicy.class));
                }
            }
        });
        Map<String, String> labels = new LinkedHashMap<>();
        world.path("namespaceLabels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
        Surroundings bare = new Surroundings(
                plugin,
                labels,
                clusterPolicies,
                policies,
                Set.of(),
                world.path("accountExists").asBoolean(),
                INSTALLATION);
        render(Snapshot.bare(execution, bare), now(files), rendered);
        return new Snapshot(
                execution,
                new Surroundings(
                        plugin,
                        labels,
                        clusterPolicies,
                        policies,
                        laid(world, rendered),
                        bare.accountExists(),
                        INSTALLATION),
                producers(files),
                new PodFacts(
                        Optional.ofNullable(files.get("in-pod.yaml"))
                                .filter(file -> !world.path("podGone").asBoolean())
                                .map(file -> read(file, Pod.class)),
                        pods(files, "in-earlier"),
                        Optional.ofNullable(files.get("in-told.yaml")).map(file -> read(file, RunReport.class)),
                        Optional.ofNullable(files.get("in-sealed.yaml")).map(file -> read(file, Sealed.class)),
                        Optional.ofNullable(world.path("refusal").textValue()),
                        Optional.ofNullable(world.path("unmounted").textValue())),
                openings(world),
                pools(files, world.path("pools")),
                standing(world.path("standing")),
                Optional.ofNullable(world.path("seen").textValue()).map(Instant::parse));
    }

    private static void render(Snapshot world, Instant now, Map<String, LaidPolicy> rendered) {
        NetworkPolicy deny = NetworkPolicyRenderer.defaultDeny("any");
        rendered.put(ObjectNames.DEFAULT_DENY, LaidPolicy.of(deny));
        Admission admission = new Admission(AlwaysExcepted.with(List.of()));
        if (world.execution().getSpec() != null
                && admission.admitAhead(world, now, new StatusDraft(world.execution(), now, now))
                        instanceof Admission.Admitted admitted) {
            LaidPolicy allow = LaidPolicy.of(new NetworkPolicyRenderer(INSTALLATION).forClass(admitted.plan()));
            rendered.putIfAbsent(allow.name(), allow);
        }
    }

    /**
     * {@code networkPolicies: [corral-default-deny, corral-class-… edited]}: edited are those that somebody gave an owner, opened those that
     * have another rule, late those in whose place such a one lay before. {@code since}: when what was not as rendered was written anew.
     */
    private static Set<LaidPolicy> laid(JsonNode world, Map<String, LaidPolicy> rendered) {
        Instant since = Optional.ofNullable(world.path("since").textValue())
                .map(Instant::parse)
                .orElse(Instant.EPOCH);
        Set<LaidPolicy> laid = new HashSet<>();
        world.path("networkPolicies").forEach(policy -> {
            String[] words = policy.asText().split(" ");
            assertThat(rendered).containsKey(words[0]);
            LaidPolicy ours = rendered.get(words[0]);
            laid.add(
                    switch (words.length == 1 ? "" : words[1]) {
                        case "" -> ours.since(since);
                        case "late" -> ours.since(since).openUntil(since);
                        case "edited" ->
                            new LaidPolicy(ours.name(), "other", ours.spec(), ours.rules(), since, Instant.EPOCH);
                        case "opened" ->
                            new LaidPolicy(ours.name(), ours.marks(), "other", List.of("any"), since, Instant.EPOCH);
                        default -> throw new IllegalArgumentException(policy.asText());
                    });
        });
        return laid;
    }

    /** {@code standing: {quotaFull: true, place: {waits: {position: 2, …}}}}, with one of turn, waits, waitsForQuota and full. */
    private static Standing standing(JsonNode standing) {
        JsonNode place = standing.path("place");
        JsonNode waits = place.path("waits");
        JsonNode quota = place.path("waitsForQuota");
        JsonNode full = place.path("full");
        Optional<Place> known = Optional.empty();
        if (place.has("turn")) {
            known = Optional.of(new Place.Turn());
        } else if (place.has("waits")) {
            known = Optional.of(new Place.Waits(
                    waits.path("position").asInt(),
                    new Gate(
                            "gate",
                            false,
                            waits.path("running").asInt(),
                            waits.path("policy").asText(),
                            waits.path("field").asText())));
        } else if (place.has("waitsForQuota")) {
            known = Optional.of(new Place.WaitsForQuota(
                    quota.path("position").asInt(),
                    quota.path("words").asText(),
                    Duration.parse(quota.path("look").asText())));
        } else if (place.has("full")) {
            known = Optional.of(new Place.Full(new QueueBound(
                    "bound",
                    full.path("most").asInt(),
                    full.path("policy").asText(),
                    full.path("field").asText())));
        }
        return new Standing(known, standing.path("quotaFull").asBoolean());
    }

    private static Map<String, PluginExecution> producers(Map<String, Path> files) {
        Map<String, PluginExecution> producers = new LinkedHashMap<>();
        files.forEach((name, file) -> {
            if (name.startsWith("in-producer")) {
                PluginExecution producer = read(file, PluginExecution.class);
                producers.put(producer.getMetadata().getName(), producer);
            }
        });
        return producers;
    }

    private static List<NetworkOpening> openings(JsonNode world) {
        List<NetworkOpening> openings = new ArrayList<>();
        world.path("openings")
                .properties()
                .forEach(opening -> openings.add(new NetworkOpening(
                        opening.getKey(), opening.getValue().asText(), "leave them out of it", Optional.empty())));
        world.path("strays")
                .properties()
                .forEach(stray -> openings.add(new NetworkOpening(
                        "NetworkPolicy " + stray.getKey(),
                        stray.getValue().asText(),
                        "it is being deleted",
                        Optional.of(new Stray("team-a", stray.getKey(), stray.getKey() + "-uid")))));
        return openings;
    }

    private static List<Pod> pods(Map<String, Path> files, String prefix) {
        return files.entrySet().stream()
                .filter(file -> file.getKey().startsWith(prefix))
                .map(file -> read(file.getValue(), Pod.class))
                .toList();
    }

    private static Pools pools(Map<String, Path> files, JsonNode pools) {
        Set<String> classes = new HashSet<>();
        pools.path("classes").forEach(name -> classes.add(name.asText()));
        List<Pod> waiting = pods(files, "in-waiting");
        JsonNode rival = pools.path("rival");
        return new Pools(
                pools.path("taken").asBoolean() ? List.of() : waiting,
                classes,
                rival.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(new Pools.Rival(
                                rival.path("name").asText(),
                                rival.path("served").asBoolean())),
                pools.path("surge").asBoolean());
    }

    private static <T> T read(Path file, Class<T> type) {
        try {
            return YAML.readValue(file.toFile(), type);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(file.toString(), unreadable);
        }
    }

    private static String text(Decision decision) throws IOException {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("lay", decision.lay().stream().map(StoryTest::shown).toList());
        decision.status().ifPresent(status -> shown.put("status", status));
        shown.put("notes", decision.notes());
        shown.put("clear", decision.clear().stream().map(StoryTest::shown).toList());
        decision.takes().ifPresent(pod -> shown.put("takes", pod));
        decision.asks().ifPresent(ticket -> shown.put("asks", shown(ticket)));
        decision.lookAgain().ifPresent(after -> shown.put("lookAgain", after.toString()));
        return "# written by StoryTest with -Dcorral.rewrite=true\n" + YAML.writeValueAsString(shown);
    }

    private static Map<String, Object> shown(Ticket ticket) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("priority", ticket.priority());
        shown.put("created", ticket.created().toString());
        shown.put("known", ticket.known());
        shown.put("needsPod", ticket.needsPod());
        shown.put("gates", ticket.gates().stream().map(Gate::sentence).toList());
        shown.put(
                "bounds",
                ticket.bounds().stream()
                        .map(bound -> bound.policy() + " lets " + bound.most() + " wait (" + bound.field() + ")")
                        .toList());
        return shown;
    }

    private static Map<String, Object> shown(Action action) {
        return switch (action) {
            case Action.ApplyNetworkPolicy(var policy, var asChanged, var opened) ->
                Map.of(asChanged ? "applyNetworkPolicyAsChanged" : "applyNetworkPolicy", policy);
            case Action.EnsureAccount(var namespace) -> Map.of("ensureAccount", namespace);
            case Action.CreatePod(var pod) -> Map.of("createPod", pod);
            case Action.DeleteNetworkPolicy(var namespace, var name, var uid) ->
                Map.of("deleteNetworkPolicy", namespace + "/" + name + " " + uid);
            case Action.DeletePod(var namespace, var name, var uid) ->
                Map.of("deletePod", namespace + "/" + name + " " + uid);
            case Action.AdoptPod(var namespace, var name, var uid, var pool, var run) ->
                Map.of("adoptPod", namespace + "/" + name + " " + uid, "from", pool, "for", run);
            case Action.ObserveSpec(var namespace, var name, var uid) ->
                Map.of("observeSpec", namespace + "/" + name + " " + uid);
            case Action.DeleteExecution(var namespace, var name, var uid) ->
                Map.of("deleteExecution", namespace + "/" + name + " " + uid);
        };
    }

    private static void compare(Path file, String decided) throws IOException {
        if (REWRITE) {
            Files.writeString(file, decided);
            return;
        }
        assertThat(decided).as("%s", file).isEqualTo(Files.readString(file));
    }
}
