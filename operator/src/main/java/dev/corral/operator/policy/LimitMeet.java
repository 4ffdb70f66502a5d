package dev.corral.operator.policy;

import dev.corral.operator.permission.Budget;
import dev.corral.operator.permission.LimitField;
import dev.corral.operator.permission.Yaml;
import dev.corral.operator.policy.Request.Layer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Limits: the smallest that any layer names. Where no cluster policy names one, the built-in default is the ceiling: asking for a
 * limit is not being granted it.
 */
record LimitMeet(Request request, List<ClusterRule> tier, List<NamespaceRule> narrowing) {
    private static final String BUILT_IN = "built-in default";

    /** A limit somebody stated, and where. */
    private record Stated(long value, String source, String path) {}

    Limits meet(List<EffectiveLine> lines) {
        Map<LimitField, Long> smallest = new EnumMap<>(LimitField.class);
        for (LimitField field : LimitField.values()) {
            List<Stated> asked = asked(field);
            List<Stated> allowed = allowed(field);
            // on a tie the asking side is named: nothing was taken from it
            Stream.concat(asked.stream(), allowed.stream())
                    .min(Comparator.comparingLong(Stated::value))
                    .ifPresent(winner -> {
                        smallest.put(field, winner.value);
                        lines.add(line(field, winner, asked));
                    });
        }
        return limits(smallest);
    }

    /** What a policy beside these must say so that every limit is as asked, and what stands below and must be raised where it is. */
    void raise(List<String> limits, List<String> below) {
        for (LimitField field : LimitField.values()) {
            OptionalLong asked = asked(field).stream().mapToLong(Stated::value).min();
            if (asked.isEmpty()) {
                continue;
            }
            for (Stated stated : allowed(field)) {
                if (stated.value < asked.getAsLong() && stated.source.equals(BUILT_IN)) {
                    String text = field.text(asked.getAsLong());
                    limits.add(field.fieldName() + ": " + (field.isCount() ? text : Yaml.quoted(text)));
                } else if (stated.value < asked.getAsLong()) {
                    below.add(stated.path + ": " + stated.source + " allows " + field.text(stated.value) + " of the "
                            + field.text(asked.getAsLong()) + " asked. Raise it there.");
                }
            }
        }
    }

    private List<Stated> asked(LimitField field) {
        List<Stated> asked = new ArrayList<>();
        if (field == LimitField.TIMEOUT && request.timeoutMillis().isPresent()) {
            asked.add(new Stated(request.timeoutMillis().getAsLong(), "PluginExecution", "spec.timeout"));
        }
        for (Layer layer : request.layers().reversed()) {
            state(asked, layer.permissions().limits(), field, layer.author(), layer.path() + "." + field.path());
        }
        return asked;
    }

    private List<Stated> allowed(LimitField field) {
        List<Stated> allowed = new ArrayList<>();
        tier.forEach(rule ->
                state(allowed, rule.grants().limits(), field, rule.id().toString(), "spec.grants." + field.path()));
        OptionalLong builtIn = Limits.DEFAULTS.get(field);
        if (allowed.isEmpty() && builtIn.isPresent()) {
            allowed.add(new Stated(builtIn.getAsLong(), BUILT_IN, ""));
        }
        narrowing.forEach(rule -> rule.limitTo()
                .ifPresent(limitTo ->
                        state(allowed, limitTo.limits(), field, rule.id().toString(), "spec.limitTo." + field.path())));
        return allowed;
    }

    private static void state(List<Stated> stated, Budget budget, LimitField field, String source, String path) {
        OptionalLong value = budget.get(field);
        if (value.isPresent()) {
            stated.add(new Stated(value.getAsLong(), source, path));
        }
    }

    private static EffectiveLine line(LimitField field, Stated winner, List<Stated> asked) {
        OptionalLong wanted = asked.stream().mapToLong(Stated::value).min();
        boolean clipped = wanted.isPresent() && wanted.getAsLong() > winner.value;
        return new EffectiveLine(
                field.path(),
                field.text(winner.value) + (clipped ? " (" + field.text(wanted.getAsLong()) + " asked)" : ""),
                winner.source);
    }

    private static Limits limits(Map<LimitField, Long> values) {
        Long cpuTime = values.get(LimitField.CPU_TIME);
        return new Limits(
                decided(values, LimitField.TIMEOUT),
                decided(values, LimitField.MEMORY),
                decided(values, LimitField.CPU),
                decided(values, LimitField.DISK),
                decided(values, LimitField.PROCESSES),
                decided(values, LimitField.OUTPUT),
                decided(values, LimitField.EVENTS),
                cpuTime == null ? OptionalLong.empty() : OptionalLong.of(cpuTime));
    }

    private static long decided(Map<LimitField, Long> values, LimitField field) {
        return Optional.ofNullable(values.get(field)).orElseThrow();
    }
}
