package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.corral.api.v1alpha1.ArtifactStatus;
import dev.corral.api.v1alpha1.LearnedPermissions;
import dev.corral.api.v1alpha1.RunReport;
import dev.corral.operator.decide.LauncherShare;
import dev.corral.operator.learn.Proposal;
import dev.corral.operator.learn.ProposalText;
import dev.corral.operator.learn.Sighting;
import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.ServiceName;
import dev.corral.operator.status.PlainText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a run in mode Learn taught: from the launcher's record to a proposal in the status, and whole as an artifact. */
final class Lessons {
    static final String ARTIFACT = "learned-permissions.yaml";
    private static final String TYPE = "application/yaml";
    private static final int MOST = 1024;
    private static final int LONGEST_PATH = 4096;
    private static final int LONGEST_WORD = 320;
    private static final int IN_STATUS = 6144;

    private final ArtifactStore store;

    Lessons(ArtifactStore store) {
        this.store = store;
    }

    /** The report with what it taught; unchanged when the run was not watched. */
    RunReport taught(BoundRun run, ObjectNode body, RunReport report) {
        var learned = body.path("learned");
        if (!run.learns() || !learned.isObject()) {
            return report;
        }
        var seen = sighting(run, learned, report);
        var proposal = Proposal.of(seen, kept(run), ceiling(run));
        var yaml = ProposalText.yaml(
                proposal, run.name().namespace() + "/" + run.name().name());
        var artifacts = new ArrayList<>(Objects.requireNonNullElse(report.artifacts(), List.<ArtifactStatus>of()));
        if (artifacts.size() < Reports.MAX_ARTIFACTS
                && artifacts.stream().noneMatch(artifact -> ARTIFACT.equals(artifact.name()))) {
            artifacts.add(keep(run, yaml));
        }
        return report.with(
                report.result(),
                List.copyOf(artifacts),
                report.events(),
                new LearnedPermissions(
                        ProposalText.shortened(yaml, IN_STATUS),
                        proposal.complete(),
                        seen.read().size(),
                        seen.written().size(),
                        seen.executed().size(),
                        seen.addresses().size(),
                        seen.names().size()));
    }

    /** As the launcher would have left it; what the store received is looked at like any other artifact's. */
    private ArtifactStatus keep(BoundRun run, String yaml) {
        var bytes = yaml.getBytes(StandardCharsets.UTF_8);
        try {
            var stored = store.put(
                    run.key(ARTIFACT),
                    run.name().namespace(),
                    TYPE,
                    LauncherRoutes.LIFETIME,
                    new ByteArrayInputStream(bytes),
                    bytes.length);
            return new ArtifactStatus(ARTIFACT, null, stored.sha256(), stored.size(), TYPE, "Ready", "", null);
        } catch (ArtifactStore.TooLarge impossible) {
            throw new IllegalStateException("no text is longer than itself", impossible);
        } catch (ArtifactStore.Full full) {
            return new ArtifactStatus(ARTIFACT, null, null, null, TYPE, "Failed", LauncherRoutes.STORE_FULL, null);
        } catch (IOException failed) {
            throw new ClusterUnavailable("the artifact could not be stored", failed);
        }
    }

    private static Sighting sighting(BoundRun run, JsonNode learned, RunReport report) {
        var metrics = report.metrics();
        var events = report.events();
        return new Sighting(
                paths(learned.path("read")),
                paths(learned.path("write")),
                paths(learned.path("execute")),
                words(learned.path("connect")),
                words(learned.path("names")),
                words(learned.path("topics")),
                new TreeSet<>(run.variables()),
                number(learned, "unreadable") + number(learned, "overflow"),
                new Sighting.Use(
                        metrics == null ? 0 : whole(metrics.wallMillis()),
                        metrics == null ? 0 : whole(metrics.cpuMillis()),
                        number(learned, "memoryBytes"),
                        number(learned, "diskBytes"),
                        number(learned, "processes"),
                        number(learned, "outputBytes"),
                        events == null || events.emitted() == null ? 0 : events.emitted()));
    }

    /** As they are: a path that is cleaned is another path. What a glob cannot say never leaves the proposal. */
    private static SortedSet<String> paths(JsonNode list) {
        SortedSet<String> paths = new TreeSet<>();
        for (var item : list) {
            if (item.isTextual()
                    && item.textValue().startsWith("/")
                    && item.textValue().length() <= LONGEST_PATH) {
                bounded(paths, item.textValue());
            }
        }
        return paths;
    }

    private static SortedSet<String> words(JsonNode list) {
        SortedSet<String> words = new TreeSet<>();
        for (var item : list) {
            if (item.isTextual()) {
                bounded(words, PlainText.line(item.textValue(), LONGEST_WORD));
            }
        }
        return words;
    }

    private static void bounded(Collection<String> texts, String text) {
        if (texts.size() < MOST) {
            texts.add(text);
        }
    }

    private static Map<PermissionField, List<Grantable>> kept(BoundRun run) {
        Map<PermissionField, List<Grantable>> kept = new EnumMap<>(PermissionField.class);
        for (var line : run.learnKeeps()) {
            var space = line.indexOf(' ');
            var item = line.substring(space + 1);
            if (line.startsWith(PermissionField.NETWORK_PEERS.path() + " ")) {
                keep(kept, PermissionField.NETWORK_PEERS, PeerGrant.parse(item, ""));
            } else if (line.startsWith(PermissionField.NETWORK_SERVICES.path() + " ")) {
                keep(kept, PermissionField.NETWORK_SERVICES, ServiceName.parse(item, ""));
            }
        }
        return kept;
    }

    private static void keep(
            Map<PermissionField, List<Grantable>> kept, PermissionField field, Parsed<? extends Grantable> item) {
        if (item instanceof Parsed.Value<? extends Grantable>(var value)) {
            kept.computeIfAbsent(field, none -> new ArrayList<>()).add(value);
        }
    }

    private static Budget ceiling(BoundRun run) {
        var limits = run.limits();
        var budget = Budget.UNLIMITED;
        budget = with(budget, LimitField.TIMEOUT, limits.timeoutMillis());
        budget = with(
                budget,
                LimitField.MEMORY,
                limits.memoryBytes() == null ? null : limits.memoryBytes() - LauncherShare.MEMORY_BYTES);
        budget = with(budget, LimitField.DISK, limits.diskBytes());
        budget = with(
                budget,
                LimitField.PROCESSES,
                limits.processes() == null ? null : limits.processes().longValue());
        return with(budget, LimitField.OUTPUT, limits.outputBytes());
    }

    private static Budget with(Budget budget, LimitField field, @Nullable Long value) {
        return value == null || value <= 0 ? budget : budget.with(field, value);
    }

    private static long number(JsonNode node, String field) {
        var value = node.path(field);
        return value.isIntegralNumber() && value.canConvertToLong() ? Math.clamp(value.longValue(), 0, 1L << 50) : 0;
    }

    private static long whole(@Nullable Long value) {
        return value == null ? 0 : value;
    }
}
