package dev.corral.operator.chart;

import static dev.corral.operator.chart.HardenedPod.parse;
import static dev.corral.operator.chart.HardenedPod.with;
import static dev.corral.operator.chart.InstalledChart.PODS;
import static dev.corral.operator.chart.InstalledChart.accept;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each hardening line removed, one at a time: of the pod as it is rendered, which the guard must then refuse, and of the guard, which a
 * row of {@link PodShapeIT} must then miss. Prints who survives: nobody may. The launcher's lines are {@code lines_test.go}'s.
 */
@EnabledIfSystemProperty(
        named = "corral.full",
        matches = "true",
        disabledReason = "runs with -Pfull: one admission per line and guard")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HardeningLinesIT {
    private static final String DRY = "?dryRun=All";
    private static final String GUARD =
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/corral-pod-shape";

    /** Lines of the pod that harden nothing, or that something else in the pod says too; the rest must be missed. */
    private static final Map<String, String> LISTED = Map.ofEntries(
            Map.entry("/spec/readinessGates.*", "the controller claims by the condition itself"),
            Map.entry(".*/resources/requests/cpu", "a share, not a bound"),
            Map.entry(".*/fsGroupChangePolicy", "speed"),
            Map.entry(".*/projected/defaultMode", "one user in the pod"),
            Map.entry(".*/resources/requests", "the API takes the limits for them"),
            Map.entry(".*/securityContext/privileged|/spec/shareProcessNamespace", "false is what absent means"),
            Map.entry(
                    ".*/serviceAccountToken/expirationSeconds",
                    "the API's default is an hour, the most the guard allows"),
            Map.entry(".*/env(/.*)?", "without it the launcher does not start"),
            Map.entry(
                    "/spec/containers/0/securityContext/(runAsNonRoot|runAsUser|runAsGroup|seccompProfile.*)",
                    "the pod says it too"),
            Map.entry(
                    "/metadata/(annotations|labels)/(?!corral|app).*", "an opt-out; what an injector adds is refused"),
            Map.entry("/metadata/annotations/.*", "tells people, and the controller, what the pod is"),
            Map.entry(
                    "/metadata/labels/corral.dev~1(network|sandbox)-class",
                    "without it no policy opens anything, and no claim takes it"),
            Map.entry("/metadata/ownerReferences/0/(controller|uid|name)", "judged with the owner"),
            Map.entry("/spec/containers/0/image", "chosen by policy"),
            Map.entry(".*/serviceAccountToken/path", "the launcher looks in one place"));

    @TempDir
    static Path folder;

    private InstalledChart chart;
    private Caller controller;
    private String owner;

    @BeforeAll
    void install() throws IOException {
        chart = InstalledChart.on(ControlPlane.start(folder), Map.of());
        controller = chart.controller();
        owner = chart.makeExecution("team-a", "check");
    }

    @AfterAll
    void stop() {
        if (chart != null) {
            chart.close();
        }
    }

    @Test
    void everyLineOfTheRenderedPodIsMissed() throws IOException {
        var rendered = rendered();
        var whole = controller.create(PODS + DRY, rendered);
        accept(whole);
        var survivors = new ArrayList<String>();
        var count = 0;
        for (var pointer : lines(rendered)) {
            count++;
            var answer = controller.create(PODS + DRY, with(rendered, pointer, ""));
            var listed = LISTED.entrySet().stream()
                    .filter(entry -> pointer.matches(entry.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst();
            if (!answer.isAccepted()) {
                say("missed", pointer, answer.message().replaceFirst(".*denied request: ", ""));
            } else if (answer.body().path("spec").equals(whole.body().path("spec"))
                    && answer.body().at("/metadata/labels").equals(whole.body().at("/metadata/labels"))
                    && pointer.startsWith("/spec")) {
                say("listed", pointer, "equal to the API's default");
            } else if (listed.isPresent()) {
                say("listed", pointer, listed.get());
            } else {
                say("SURVIVES", pointer, "");
                survivors.add(pointer);
            }
        }
        System.out.println(count + " lines of the pod; survivors: " + (survivors.isEmpty() ? "none" : survivors));
        assertThat(survivors).isEmpty();
    }

    @Test
    void everyLineOfTheGuardIsMissed() {
        var guard = chart.admin().send("GET", GUARD, "application/json", "").body();
        var weakened = weakened();
        var refused = new LinkedHashMap<String, String>();
        weakened.forEach((name, pod) ->
                refused.put(name, controller.create(PODS + DRY, pod).message()));
        var validations = guard.at("/spec/validations");
        var survivors = new ArrayList<String>();
        for (var i = 0; i < validations.size(); i++) {
            var message = validations.get(i).path("message").asText();
            var witness = refused.entrySet().stream()
                    .filter(row -> row.getValue().contains(stem(message)))
                    .map(Map.Entry::getKey)
                    .toList();
            var missedBy = witness.isEmpty() ? Optional.<String>empty() : missed(guard, i, witness, weakened, refused);
            if (missedBy.isPresent()) {
                say("missed", message, missedBy.get());
            } else {
                say(
                        "SURVIVES",
                        message,
                        witness.isEmpty() ? "no row is refused by it" : "its rows are refused all the same");
                survivors.add(message);
            }
        }
        System.out.println(
                validations.size() + " lines of the guard; survivors: " + (survivors.isEmpty() ? "none" : survivors));
        assertThat(survivors).isEmpty();
    }

    /** The first row whose refusal changes while line {@code i} is out of the guard. */
    private Optional<String> missed(
            JsonNode guard, int i, List<String> rows, Map<String, ObjectNode> weakened, Map<String, String> refused) {
        accept(chart.admin()
                .patch(
                        GUARD,
                        "application/json-patch+json",
                        "[{\"op\": \"remove\", \"path\": \"/spec/validations/" + i + "\"}]"));
        try {
            return await().pollInterval(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(10))
                    .until(
                            () -> rows.stream()
                                    .filter(row -> !controller
                                            .create(PODS + DRY, weakened.get(row))
                                            .message()
                                            .equals(refused.get(row)))
                                    .findFirst(),
                            Optional::isPresent);
        } catch (ConditionTimeoutException nobody) {
            return Optional.empty();
        } finally {
            accept(chart.admin()
                    .patch(
                            GUARD,
                            Caller.MERGE,
                            "{\"spec\": {\"validations\": " + guard.at("/spec/validations") + "}}"));
            await().pollInterval(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> rows.stream()
                            .allMatch(row -> controller
                                    .create(PODS + DRY, weakened.get(row))
                                    .message()
                                    .equals(refused.get(row))));
        }
    }

    /** A message that an expression makes begins as the plain one does, up to what was found. */
    private static String stem(String message) {
        return message.length() > 60 ? message.substring(0, 60) : message;
    }

    /** The rows of {@link PodShapeIT}, and what it tries besides. */
    private Map<String, ObjectNode> weakened() {
        var hardened = HardenedPod.ownedBy(owner);
        hardened = with(hardened, "/metadata/name", "pex-other");
        var pods = new LinkedHashMap<String, ObjectNode>();
        for (var method : PodShapeIT.class.getDeclaredMethods()) {
            var rows = method.getAnnotation(CsvSource.class);
            if (rows != null && method.getParameterCount() == 3) {
                for (var row : rows.textBlock().lines().toList()) {
                    var cells = row.split("\\|", -1);
                    if (cells.length == 3) {
                        pods.put(
                                cells[0].strip() + " = " + cells[1].strip(),
                                with(hardened, cells[0].strip(), cells[1].strip()));
                    }
                }
            }
        }
        var shared = with(hardened, "/spec/hostUsers", "");
        for (var field : List.of("hostNetwork", "hostPID", "hostIPC")) {
            pods.put(field, with(shared, "/spec/" + field, "true"));
        }
        var security = "/spec/containers/0/securityContext/";
        pods.put(
                "privileged",
                with(with(hardened, security + "allowPrivilegeEscalation", ""), security + "privileged", "true"));
        var copying = PodShapeIT.copying(hardened);
        var init = "/spec/initContainers/0";
        pods.put("init name", with(copying, init + "/name", "x"));
        pods.put("init image", with(copying, init + "/image", "images.example/x"));
        pods.put("init mounts", with(copying, init + "/volumeMounts/-", "{name: work, mountPath: /work}"));
        return pods;
    }

    private ObjectNode rendered() throws IOException {
        for (var action : PodShapeIT.renderedByStories()) {
            if (action.has("createPod")) {
                var launcher = action.findValue("reference").asText();
                return (ObjectNode) parse(action.get("createPod").toString().replace(launcher, Chart.LAUNCHER));
            }
        }
        throw new AssertionError("no story renders a pod");
    }

    /** Every field below the pod's metadata and spec, containers of fields too; names of things, by which they find each other, are not. */
    private static List<String> lines(ObjectNode pod) {
        var lines = new ArrayList<String>();
        for (var part : List.of("/metadata/labels", "/metadata/annotations", "/metadata/ownerReferences", "/spec")) {
            walk(part, pod.at(part), lines);
        }
        return lines;
    }

    private static void walk(String pointer, JsonNode node, List<String> lines) {
        if (node.isArray()) {
            for (var i = 0; i < node.size(); i++) {
                walk(pointer + "/" + i, node.get(i), lines);
            }
        }
        node.properties().forEach(field -> {
            var below = pointer + "/" + field.getKey().replace("~", "~0").replace("/", "~1");
            if (!field.getKey().equals("name")) {
                lines.add(below);
                walk(below, field.getValue(), lines);
            }
        });
    }

    private static void say(String what, String line, String why) {
        System.out.printf("%-9s %-70s %s%n", what, line, why);
    }
}
