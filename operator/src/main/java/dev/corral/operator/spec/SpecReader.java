package dev.corral.operator.spec;

import dev.corral.api.v1alpha1.ArtifactReference;
import dev.corral.api.v1alpha1.ClaimReference;
import dev.corral.api.v1alpha1.ClusterPluginPolicy;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.PluginExecutionSpec;
import dev.corral.api.v1alpha1.PluginPolicy;
import dev.corral.api.v1alpha1.PluginSpec;
import dev.corral.api.v1alpha1.StagedFile;
import dev.corral.operator.permission.ClaimPaths;
import dev.corral.operator.permission.Durations;
import dev.corral.operator.permission.EnvPattern;
import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.permission.Violation;
import dev.corral.operator.permission.ViolationReason;
import dev.corral.operator.policy.ClusterRule;
import dev.corral.operator.policy.ImageReference;
import dev.corral.operator.policy.NamedArtifact;
import dev.corral.operator.policy.NamedClaim;
import dev.corral.operator.policy.NamespaceRule;
import dev.corral.operator.policy.PolicyId;
import dev.corral.operator.policy.Request;
import dev.corral.operator.policy.Request.Layer;
import dev.corral.operator.policy.Request.PluginName;
import dev.corral.operator.spec.PermissionReader.Purpose;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The door from the API into the core: executions and plugins become a {@link Request}, policies become rules. */
public final class SpecReader {
    private SpecReader() {}

    /** What the execution asks of the policies ({@code producers}: which plugins the executions run whose artifacts it takes), or every field of it and of the plugin that cannot be read. */
    public static Parsed<Request> request(
            String namespace,
            @Nullable Map<String, String> namespaceLabels,
            PluginName pluginName,
            PluginSpec plugin,
            PluginExecutionSpec execution,
            Map<String, PluginName> producers) {
        Findings inPlugin = new Findings(pluginName.toString());
        Findings inExecution = new Findings("");
        Layer base = layer(pluginName.toString(), "spec.permissions", plugin.permissions(), inPlugin, true);
        Optional<Layer> handler = handlerLayer(pluginName, plugin, execution.handler(), inPlugin, inExecution);
        Optional<Layer> narrower = Optional.ofNullable(execution.permissions())
                .map(written -> layer("PluginExecution", "spec.permissions", written, inExecution, false));
        Optional<ImageReference> image = image(plugin, inPlugin);
        List<SecretKeys> secrets = inExecution.each(execution.secrets(), "spec.secrets", PermissionReader::secretKeys);
        List<String> envNames = envNames(execution.env(), inExecution);
        OptionalLong timeout = timeout(execution.timeout(), inExecution);
        List<NamedArtifact> artifacts = artifacts(execution, producers);
        List<NamedClaim> claims = claims(execution, inExecution);
        List<Violation> violations = Stream.of(inExecution, inPlugin)
                .flatMap(findings -> findings.violations().stream())
                .toList();
        if (image.isEmpty() || !violations.isEmpty()) {
            return new Parsed.Malformed<>(violations);
        }
        return Parsed.value(new Request(
                namespace,
                namespaceLabels == null ? Map.of() : namespaceLabels,
                pluginName,
                image.get(),
                base,
                handler,
                narrower,
                secrets,
                envNames,
                timeout,
                artifacts,
                claims));
    }

    /** Everything about a plugin that no execution of it could be judged with; empty for a plugin that can be used. */
    public static List<Violation> lint(PluginSpec plugin) {
        Findings findings = new Findings("");
        image(plugin, findings);
        layer("", "spec.permissions", plugin.permissions(), findings, true);
        List<Handler> handlers = handlers(plugin);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < handlers.size(); i++) {
            String path = "spec.handlers[" + i + "]";
            String name = findings.required(handlers.get(i).name(), path + ".name");
            if (!names.add(name)) {
                findings.add(
                        path + ".name", ViolationReason.Duplicate, "\"" + name + "\" is the name of another handler");
            }
            layer("", path + ".permissions", handlers.get(i).permissions(), findings, false);
        }
        return findings.violations();
    }

    /** The handler an execution means; without a name the plugin's only one. */
    public static Optional<Handler> handler(PluginSpec plugin, @Nullable String name) {
        List<Handler> handlers = handlers(plugin);
        if (name == null) {
            return handlers.size() == 1 ? Optional.of(handlers.getFirst()) : Optional.empty();
        }
        return handlers.stream().filter(handler -> name.equals(handler.name())).findFirst();
    }

    private static final ReadOnce<ClusterPluginPolicy, ClusterRule> CLUSTER_RULES =
            new ReadOnce<>(policy -> RuleReader.clusterRule(id(PolicyId.CLUSTER_KIND, policy), policy.getSpec()));

    private static final ReadOnce<PluginPolicy, NamespaceRule> NAMESPACE_RULES =
            new ReadOnce<>(policy -> Slim.tooLarge(policy)
                    ? RuleReader.tooLarge(id(PolicyId.NAMESPACE_KIND, policy))
                    : RuleReader.namespaceRule(id(PolicyId.NAMESPACE_KIND, policy), policy.getSpec()));

    public static ClusterRule clusterRule(ClusterPluginPolicy policy) {
        return CLUSTER_RULES.of(policy);
    }

    public static NamespaceRule namespaceRule(PluginPolicy policy) {
        return NAMESPACE_RULES.of(policy);
    }

    private static PolicyId id(String kind, HasMetadata policy) {
        ObjectMeta metadata = policy.getMetadata() == null ? new ObjectMeta() : policy.getMetadata();
        return new PolicyId(
                kind,
                Objects.requireNonNullElse(metadata.getName(), ""),
                Objects.requireNonNullElse(metadata.getUid(), ""),
                Objects.requireNonNullElse(metadata.getGeneration(), 0L));
    }

    private static Layer layer(
            String author,
            String path,
            dev.corral.api.v1alpha1.@Nullable Permissions written,
            Findings findings,
            boolean complete) {
        var permissions = PermissionReader.read(written, Purpose.ASK, path, findings);
        return complete
                ? Layer.complete(author, path, permissions)
                : Layer.of(author, path, PermissionReader.stated(written), permissions);
    }

    private static Optional<Layer> handlerLayer(
            PluginName pluginName, PluginSpec plugin, @Nullable String name, Findings inPlugin, Findings inExecution) {
        Optional<Handler> handler = handler(plugin, name);
        if (handler.isEmpty()) {
            String known = handlers(plugin).stream()
                    .map(Handler::name)
                    .filter(Objects::nonNull)
                    .sorted()
                    .collect(Collectors.joining(", "));
            inExecution.add(
                    "spec.handler",
                    name == null ? ViolationReason.Missing : ViolationReason.Contradiction,
                    pluginName
                            + (known.isEmpty() ? " has no handlers" : " has other handlers; write one of: " + known));
            return Optional.empty();
        }
        String path = "spec.handlers[" + handlers(plugin).indexOf(handler.get()) + "].permissions";
        return Optional.ofNullable(handler.get().permissions())
                .map(written -> layer(pluginName.toString(), path, written, inPlugin, false));
    }

    /** What the indexes of a violation's path count. */
    public static List<Handler> handlers(PluginSpec plugin) {
        return plugin.handlers() == null
                ? List.of()
                : plugin.handlers().stream().filter(Objects::nonNull).toList();
    }

    private static Optional<ImageReference> image(PluginSpec plugin, Findings findings) {
        String image = findings.required(plugin.image(), "spec.image");
        return image.isEmpty() ? Optional.empty() : findings.take(ImageReference.parse(image, "spec.image"));
    }

    private static OptionalLong timeout(@Nullable String written, Findings findings) {
        if (written == null) {
            return OptionalLong.empty();
        }
        return findings.take(Durations.parse(written, "spec.timeout"))
                .map(OptionalLong::of)
                .orElse(OptionalLong.empty());
    }

    private static List<NamedArtifact> artifacts(PluginExecutionSpec execution, Map<String, PluginName> producers) {
        List<NamedArtifact> named = new ArrayList<>();
        if (execution.inputFrom() != null && execution.inputFrom().artifact() != null) {
            named.add(artifact("spec.inputFrom.artifact", execution.inputFrom().artifact(), producers));
        }
        List<StagedFile> files = execution.files() == null ? List.of() : execution.files();
        for (int i = 0; i < files.size(); i++) {
            ArtifactReference from = files.get(i).artifact();
            if (from != null) {
                named.add(artifact("spec.files[" + i + "].artifact", from, producers));
            }
        }
        return named;
    }

    private static List<NamedClaim> claims(PluginExecutionSpec execution, Findings findings) {
        List<NamedClaim> named = new ArrayList<>();
        List<StagedFile> files = execution.files() == null ? List.of() : execution.files();
        for (int i = 0; i < files.size(); i++) {
            ClaimReference from = files.get(i).claim();
            if (from != null) {
                String path = "spec.files[" + i + "].claim";
                findings.take(ClaimPaths.subtree(from.name(), Objects.requireNonNullElse(from.path(), ""), path))
                        .ifPresent(directory -> named.add(new NamedClaim(path, directory)));
            }
        }
        return named;
    }

    private static NamedArtifact artifact(String path, ArtifactReference named, Map<String, PluginName> producers) {
        return new NamedArtifact(
                path, named.execution(), named.artifact(), Optional.ofNullable(producers.get(named.execution())));
    }

    private static List<String> envNames(@Nullable List<EnvVariable> written, Findings findings) {
        List<String> names = new ArrayList<>();
        List<EnvVariable> variables = written == null ? List.of() : written;
        for (int i = 0; i < variables.size(); i++) {
            String path = "spec.env[" + i + "]";
            EnvVariable variable = variables.get(i);
            String name = findings.required(variable == null ? null : variable.name(), path + ".name");
            if (variable == null || name.isEmpty()) {
                continue;
            }
            if (!EnvPattern.isName(name)) {
                findings.add(
                        path + ".name",
                        ViolationReason.Malformed,
                        "is no name of a variable; letters, digits and _, not beginning with a digit");
            } else if (EnvPattern.isReserved(name)) {
                findings.add(
                        path + ".name",
                        ViolationReason.ReservedEnv,
                        "\"" + name + "\" is reserved and never passed to a plugin; choose another name");
            } else if (names.contains(name)) {
                findings.add(path + ".name", ViolationReason.Duplicate, "\"" + name + "\" is set twice; keep one");
            }
            if ((variable.value() == null) == (variable.configMapKey() == null)) {
                findings.add(path, ViolationReason.Contradiction, "needs exactly one of value and configMapKey");
            }
            names.add(name);
        }
        return names;
    }
}
