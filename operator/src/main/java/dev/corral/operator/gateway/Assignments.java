package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.corral.api.v1alpha1.ArtifactDeclaration;
import dev.corral.api.v1alpha1.ConfigMapKey;
import dev.corral.api.v1alpha1.DecidedAssignment;
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

    Delivery build(PluginExecution execution) {
        var status = execution.getStatus();
        var decided = status.assignment();
        if (decided == null) {
            return new Delivery.Impossible("the claim came without an assignment");
        }
        try {
            var input = input(execution);
            var hash = Digests.sha256(Json.canonical(input));
            checkHash(status.inputHash(), hash);
            var metadata = execution.getMetadata();
            var assignment = Json.object();
            assignment.put("namespace", metadata.getNamespace());
            assignment.put("execution", metadata.getName());
            assignment.put("executionUID", metadata.getUid());
            assignment.put("attempt", status.attempt().number());
            strings(decided.command()).forEach(assignment.putArray("command")::add);
            addEnvironment(assignment.putArray("env"), execution, decided);
            assignment.set("input", input);
            assignment.set("limits", Json.tree(decided.limits()));
            var artifacts = assignment.putArray("artifacts");
            declared(execution)
                    .forEach(artifact -> artifacts
                            .addObject()
                            .put("name", artifact.name())
                            .put("path", artifact.path())
                            .put("type", mediaType(artifact.type())));
            strings(decided.produce()).forEach(assignment.putArray("produce")::add);
            return new Delivery.Work(Json.bytes(assignment), hash);
        } catch (Missing missing) {
            return new Delivery.Impossible(String.valueOf(missing.getMessage()));
        }
    }

    /** The hash of an inline input, for reports of sessions whose delivery this process has not seen. */
    static Optional<String> inlineHash(PluginExecution execution) {
        return Optional.ofNullable(execution.getSpec())
                .filter(spec -> spec.inputFrom() == null)
                .map(spec -> Digests.sha256(Json.canonical(orEmpty(spec.input()))));
    }

    static List<ArtifactDeclaration> declared(PluginExecution execution) {
        var decided = execution.getStatus().assignment();
        return decided == null || decided.artifacts() == null ? List.of() : decided.artifacts();
    }

    static String mediaType(@Nullable String declared) {
        return declared == null || !MediaTypes.plausible(declared) ? MediaTypes.BYTES : declared;
    }

    private JsonNode input(PluginExecution execution) {
        var from = execution.getSpec().inputFrom();
        if (from == null) {
            return orEmpty(execution.getSpec().input());
        }
        if (from.configMapKey() == null) {
            throw new Missing("an input from another execution's artifact is not delivered by this version");
        }
        var document = value(execution, from.configMapKey(), "the input").getBytes(StandardCharsets.UTF_8);
        if (document.length > MAX_INPUT) {
            throw new Missing("the input is larger than 256 KiB");
        }
        return Json.parse(document).orElseThrow(() -> new Missing("the input is not a JSON document"));
    }

    private static JsonNode orEmpty(@Nullable JsonNode input) {
        return input == null || input.isNull() ? Json.object() : input;
    }

    /** An input from a ConfigMap may have changed since the verdict; what was decided is what runs. */
    private static void checkHash(@Nullable String decided, String hash) {
        if (decided != null
                && !decided.isEmpty()
                && !decided.replaceFirst("^sha256:", "").equals(hash)) {
            throw new Missing("the input is not the one the decision was made for");
        }
    }

    private void addEnvironment(ArrayNode env, PluginExecution execution, DecidedAssignment decided) {
        var given = Objects.requireNonNullElse(execution.getSpec().env(), List.<EnvVariable>of());
        var bytes = 0;
        for (var name : strings(decided.env())) {
            var variable = given.stream()
                    .filter(candidate -> name.equals(candidate.name()))
                    .findFirst();
            if (variable.isEmpty()) {
                continue;
            }
            var value = variable.get().configMapKey() == null
                    ? Objects.requireNonNullElse(variable.get().value(), "")
                    : value(execution, variable.get().configMapKey(), "variable " + name);
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

    private static List<String> strings(@Nullable List<String> list) {
        return list == null ? List.of() : list;
    }

    /** Becomes {@link Delivery.Impossible} before it leaves this class. */
    private static final class Missing extends RuntimeException {
        Missing(String message) {
            super(message, null, false, false);
        }
    }
}
