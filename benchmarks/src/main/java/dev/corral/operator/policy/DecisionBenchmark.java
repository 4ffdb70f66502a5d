package dev.corral.operator.policy;

import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.CidrGrant;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.Grantable;
import dev.corral.operator.permission.PermissionField;
import dev.corral.operator.permission.Permissions;
import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.TopicPattern;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Request.PluginName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a verdict costs: so many cluster policies, which either are about other teams or all match, and a request that asks for one
 * variable or for everything the schema lets it ask for. Every policy is as long as the schema allows where it matches.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecisionBenchmark {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final int ITEMS = 64;

    /** Cluster policies in all. */
    @Param({"10", "100", "1000"})
    int policies;

    /** {@code one}: a single one is about the request, the others about other teams; {@code all}: every one is. */
    @Param({"one", "all"})
    String matching;

    /** {@code smallest}: one variable; {@code largest}: the schema's bounds. */
    @Param({"smallest", "largest"})
    String request;

    private PolicySet set;
    private Request asked;
    private AlwaysExcepted excepted;

    @Setup
    public void prepare() {
        excepted = AlwaysExcepted.with(List.of());
        List<ClusterRule> rules = new ArrayList<>();
        for (int i = 0; i < policies; i++) {
            boolean ours = matching.equals("all") || i == 0;
            // each grants other things, the first one all of it: the last place anybody would look for a covering grant
            rules.add(rule(i, ours ? "docs" : "team-" + i, permissions(ITEMS, i == policies - 1 || !matching.equals("all") ? 0 : i + 1)));
        }
        set = new PolicySet(rules, List.of());
        asked = request(permissions(request.equals("smallest") ? 1 : ITEMS, 0));
        if (!(set.decide(asked, excepted, NOW) instanceof Verdict.Granted)) {
            throw new IllegalStateException("nothing is measured where all is denied");
        }
    }

    @Benchmark
    public Verdict verdict() {
        return set.decide(asked, excepted, NOW);
    }

    /** The same sections for every world, {@code items} of each, apart from those of another {@code world}. */
    private static Permissions permissions(int items, int world) {
        Map<PermissionField, List<Grantable>> all = new EnumMap<>(PermissionField.class);
        all.put(PermissionField.ENV, list(items, i -> EnvPattern.parse("W" + world + "_V" + i, "").orElseThrow()));
        if (items > 1) {
            all.put(
                    PermissionField.NETWORK_CIDRS,
                    list(items, i -> CidrGrant.parse("198." + (20 + world % 100) + "." + (world / 100) + "." + i + "/32:443", "").orElseThrow()));
            all.put(PermissionField.NETWORK_PEERS, list(32, i -> PeerGrant.parse("app=w" + world + "p" + i + ":5432", "").orElseThrow()));
            all.put(PermissionField.EVENTS_PRODUCE, list(items, i -> TopicPattern.parse("w" + world + ".t" + i + "@v1", "").orElseThrow()));
            all.put(PermissionField.SECRETS, list(items, i -> SecretKeys.of("w" + world + "-s" + i, "a", "b")));
        }
        return Permissions.of(all, Budget.UNLIMITED);
    }

    private static List<Grantable> list(int items, IntFunction<Grantable> item) {
        return IntStream.range(0, items).mapToObj(item).toList();
    }

    private static ClusterRule rule(int number, String team, Permissions grants) {
        return new ClusterRule(
                new PolicyId("ClusterPluginPolicy", "policy-%04d".formatted(number), "uid-" + number, 1),
                false,
                Optional.empty(),
                Map.of("team", team),
                Set.of(),
                List.of(ImagePattern.parse("registry.example.org/*", "").orElseThrow()),
                false,
                false,
                grants,
                Permissions.NONE,
                List.of(),
                PlacementGrant.ANYWHERE,
                new TreeSet<>(),
                new TreeSet<>(),
                dev.corral.operator.policy.Mode.ENFORCE,
                Optional.empty(),
                List.of());
    }

    private static Request request(Permissions permissions) {
        PluginName plugin = new PluginName(false, "check");
        return new Request(
                "docs-1",
                Map.of("team", "docs"),
                plugin,
                ImageReference.parse("registry.example.org/check@sha256:" + "4f".repeat(32), "").orElseThrow(),
                Layer.complete(plugin.toString(), "spec.permissions", permissions),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                OptionalLong.of(60_000),
                List.of(),
                List.of());
    }
}
