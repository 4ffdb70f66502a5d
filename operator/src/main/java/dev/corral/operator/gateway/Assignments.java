package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.corral.api.v1alpha1.ConfigMapKey;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.PluginExecution;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Completes what the controller decided with input and values of the immutable spec, as docs/protocol.md lays an Assignment out. */
final class Assignments {
    private static final int MAX_INPUT = 256 * 1024;
    private static final int MAX_ENV = 256 * 1024;

    private final GatewayCluster cluster;

    Assignments(GatewayCluster cluster) {
        this.cluster = cluster;
    }

    Delivery build(BoundRun run) {
        if (run.command().isEmpty()) {
            return new Delivery.Impossible("the claim came without an assignment");
        }
        try {
            var input = input(run.execution());
            if (input.isPresent() && !Json.shallow(input.get())) {
                throw new Missing("the input is nested too deeply");
            }
            var hash = input.map(document -> Digests.sha256(Json.canonical(document)))
                    .orElse("");
            checkHash(run.decidedInputHash(), hash);
            var assignment = Json.object()
                    .put("namespace", run.name().namespace())
                    .put("execution", run.name().name())
                    .put("executionUID", run.uid())
                    .put("attempt", run.attempt());
            run.command().forEach(assignment.putArray("command")::add);
            addEnvironment(assignment.putArray("env"), run);
            assignment.set("input", input.orElseGet(Json::object));
            assignment.set("limits", Json.tree(run.limits()));
            var artifacts = assignment.putArray("artifacts");
            run.artifacts()
                    .forEach(artifact -> artifacts
                            .addObject()
                            .put("name", artifact.name())
                            .put("path", artifact.path())
                            .put("type", MediaTypes.of(artifact.type())));
            run.produce().forEach(assignment.putArray("produce")::add);
            assignment.put("proxy", !run.hosts().isEmpty());
            return new Delivery.Work(Json.bytes(assignment), hash);
        } catch (Missing missing) {
            return new Delivery.Impossible(String.valueOf(missing.getMessage()));
        }
    }

    /** The hash of an inline input, for reports of sessions whose delivery this process has not seen. */
    static @Nullable String inlineHash(PluginExecution execution) {
        var spec = execution.getSpec();
        if (spec == null || spec.inputFrom() != null) {
            return null;
        }
        return inline(spec.input())
                .map(input -> Digests.sha256(Json.canonical(input)))
                .orElse("");
    }

    private Optional<JsonNode> input(PluginExecution execution) {
        var from = execution.getSpec().inputFrom();
        if (from == null) {
            return inline(execution.getSpec().input());
        }
        if (from.configMapKey() == null) {
            throw new Missing("an input from another execution's artifact is not delivered by this version");
        }
        var document = value(execution, from.configMapKey(), "the input").getBytes(StandardCharsets.UTF_8);
        if (document.length > MAX_INPUT) {
            throw new Missing("the input is larger than 256 KiB");
        }
        return Optional.of(Json.parse(document).orElseThrow(() -> new Missing("the input is not a JSON document")));
    }

    private static Optional<JsonNode> inline(@Nullable JsonNode input) {
        return Optional.ofNullable(input).filter(document -> !document.isNull() && !document.isMissingNode());
    }

    /** An input from a ConfigMap may have changed since the verdict; what was decided is what runs. */
    private static void checkHash(@Nullable String decided, String hash) {
        if (decided != null
                && !decided.isEmpty()
                && !decided.replaceFirst("^sha256:", "").equals(hash)) {
            throw new Missing("the input is not the one the decision was made for");
        }
    }

    private void addEnvironment(ArrayNode env, BoundRun run) {
        var given = Objects.requireNonNullElse(run.execution().getSpec().env(), List.<EnvVariable>of());
        var bytes = 0;
        for (var name : run.variables()) {
            var variable = given.stream()
                    .filter(candidate -> name.equals(candidate.name()))
                    .findFirst();
            if (variable.isEmpty()) {
                continue;
            }
            var value = variable.get().configMapKey() == null
                    ? Objects.requireNonNullElse(variable.get().value(), "")
                    : value(run.execution(), variable.get().configMapKey(), "variable " + name);
            bytes += name.length() + value.getBytes(StandardCharsets.UTF_8).length;
            if (value.indexOf('\0') >= 0 || bytes > MAX_ENV) {
                throw new Missing("variable " + name + " holds a NUL, or all of them together more than 256 KiB");
            }
            env.addObject().put("name", name).put("value", value);
        }
    }

    private String value(PluginExecution execution, ConfigMapKey key, String what) {
        return cluster.configMapValue(execution.getMetadata().getNamespace(), key.name(), key.key())
                .orElseThrow(() ->
                        new Missing(what + " is not there: ConfigMap '" + key.name() + "', key '" + key.key() + "'"));
    }

    /** Becomes {@link Delivery.Impossible} before it leaves this class. */
    private static final class Missing extends RuntimeException {
        Missing(String message) {
            super(message, null, false, false);
        }
    }
}
