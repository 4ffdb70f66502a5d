package dev.corral.operator.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.corral.api.v1alpha1.EnvVariable;
import dev.corral.api.v1alpha1.FileDigest;
import dev.corral.api.v1alpha1.Handler;
import dev.corral.api.v1alpha1.PluginExecution;
import dev.corral.operator.schema.SchemaCheck;
import dev.corral.operator.spec.Slim;
import dev.corral.operator.spec.SpecReader;
import dev.corral.operator.spec.Unread;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
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
    private final Sources sources;

    Assignments(GatewayCluster cluster, Sources sources) {
        this.cluster = cluster;
        this.sources = sources;
    }

    Delivery build(BoundRun bound) {
        if (!Slim.is(bound.execution())) {
            return complete(bound);
        }
        return cluster.execution(bound.name().namespace(), bound.name().name())
                .filter(found -> bound.uid().equals(found.getMetadata().getUid()))
                .flatMap(found -> BoundRun.of(found, bound.id()))
                .map(this::complete)
                .orElseGet(() -> new Delivery.Impossible("InputUnavailable", "the execution is gone"));
    }

    private Delivery complete(BoundRun run) {
        if (run.command().isEmpty()) {
            return new Delivery.Impossible("InputUnavailable", "the claim came without an assignment");
        }
        try {
            var input = input(run);
            if (input.filter(Unread::is).isPresent()) {
                throw tooMuch();
            }
            if (input.isPresent() && !Json.shallow(input.get())) {
                throw Undeliverable.unavailable("the input is nested too deeply");
            }
            checkSchema(run, input.orElseGet(Json::object));
            var files = files(run);
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
            var produce = assignment.putArray("produce");
            run.produce().forEach(topic -> produce.add(topic.toString()));
            assignment.set("files", Json.tree(files));
            return new Delivery.Work(Json.bytes(assignment), hash, files);
        } catch (Undeliverable because) {
            return new Delivery.Impossible(because.reason(), because.why());
        }
    }

    private static Undeliverable tooMuch() {
        return Undeliverable.invalid("the input " + Unread.WORDS + "; make it smaller, or stage it with spec.files");
    }

    /** The hash of an inline input, for reports of sessions whose delivery this process has not seen; null where the input is not at hand. */
    static @Nullable String inlineHash(PluginExecution execution) {
        var spec = execution.getSpec();
        if (spec == null || spec.inputFrom() != null || Slim.is(execution)) {
            return null;
        }
        return inline(spec.input())
                .map(input -> Digests.sha256(Json.canonical(input)))
                .orElse("");
    }

    private Optional<JsonNode> input(BoundRun run) {
        var from = run.execution().getSpec().inputFrom();
        if (from == null) {
            return inline(run.execution().getSpec().input());
        }
        var document = from.configMapKey() != null
                ? sources.configMap(run, from.configMapKey(), "the input")
                : sources.input(run, Objects.requireNonNull(from.artifact(), "the schema demands a source"), MAX_INPUT);
        if (document.length > MAX_INPUT) {
            throw Undeliverable.unavailable("the input is larger than 256 KiB");
        }
        if (Json.tooMuch(document)) {
            throw tooMuch();
        }
        return Optional.of(
                Json.parse(document).orElseThrow(() -> Undeliverable.unavailable("the input is not a JSON document")));
    }

    /**
     * An input from elsewhere is seen here first. That it must match, and which schema, was decided with the claim; a plugin whose schema
     * is another one by now cannot say what that was.
     */
    private void checkSchema(BoundRun run, JsonNode input) {
        if (run.inputSchema().isEmpty()) {
            return;
        }
        var schema = run.plugin()
                .flatMap(plugin -> cluster.plugin(
                        run.name().namespace(), String.valueOf(plugin.kind()), String.valueOf(plugin.name())))
                .flatMap(plugin ->
                        SpecReader.handler(plugin, run.execution().getSpec().handler()))
                .map(Handler::input)
                .filter(found ->
                        SchemaCheck.hash(found).equals(run.inputSchema().get()))
                .orElseThrow(() -> Undeliverable.unavailable(
                        "the schema of the input is not the one of the decision: the plugin has changed or is gone"));
        var problems = SchemaCheck.problems(run.name().namespace(), schema, input, "input");
        if (!problems.isEmpty()) {
            throw Undeliverable.invalid(String.join("; ", problems));
        }
    }

    private List<FileDigest> files(BoundRun run) {
        var files = run.files().stream().map(file -> sources.digest(run, file)).toList();
        var bytes = files.stream()
                .mapToLong(file -> Objects.requireNonNullElse(file.size(), 0L))
                .sum();
        if (bytes > Objects.requireNonNullElse(run.limits().diskBytes(), 0L)) {
            throw Undeliverable.unavailable("the files to be staged are " + bytes + " bytes, more than limits.disk");
        }
        return files;
    }

    private static Optional<JsonNode> inline(@Nullable JsonNode input) {
        return Optional.ofNullable(input).filter(document -> !document.isNull() && !document.isMissingNode());
    }

    /** An input from a ConfigMap may have changed since the verdict; what was decided is what runs. */
    private static void checkHash(@Nullable String decided, String hash) {
        if (decided != null
                && !decided.isEmpty()
                && !decided.replaceFirst("^sha256:", "").equals(hash)) {
            throw Undeliverable.unavailable("the input is not the one the decision was made for");
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
                    : text(sources.configMap(run, variable.get().configMapKey(), "variable " + name), name);
            bytes += name.length() + value.getBytes(StandardCharsets.UTF_8).length;
            if (value.indexOf('\0') >= 0 || bytes > MAX_ENV) {
                throw Undeliverable.unavailable(
                        "variable " + name + " holds a NUL, or all of them together more than 256 KiB");
            }
            env.addObject().put("name", name).put("value", value);
        }
    }

    private static String text(byte[] value, String name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
        } catch (CharacterCodingException binary) {
            throw Undeliverable.unavailable("variable " + name + " is no text");
        }
    }
}
