package dev.corral.operator.status;

import dev.corral.api.v1alpha1.Condition;
import dev.corral.api.v1alpha1.ConditionReason;
import dev.corral.api.v1alpha1.ConditionType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditions with all six fields, sorted, whose transition time moves only when the status does. */
public final class ConditionSet {
    /** Longest message; longer ones are cut with an ellipsis (the API allows 32 KiB, status as a whole must stay below that). */
    public static final int MESSAGE_LIMIT = 1024;

    private final Map<ConditionType, Condition> conditions = new EnumMap<>(ConditionType.class);
    private final long generation;
    private final String now;

    public ConditionSet(@Nullable List<Condition> previous, long generation, Instant now) {
        this.generation = generation;
        this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
        if (previous != null) {
            for (Condition condition : previous) {
                type(condition).ifPresent(type -> conditions.put(type, condition));
            }
        }
    }

    public ConditionSet yes(ConditionType type, ConditionReason reason, String message) {
        return set(type, "True", reason, message);
    }

    public ConditionSet no(ConditionType type, ConditionReason reason, String message) {
        return set(type, "False", reason, message);
    }

    public ConditionSet unknown(ConditionType type, ConditionReason reason, String message) {
        return set(type, "Unknown", reason, message);
    }

    private ConditionSet set(ConditionType type, String status, ConditionReason reason, String message) {
        Condition before = conditions.get(type);
        String since = before != null && status.equals(before.status()) && before.lastTransitionTime() != null
                ? before.lastTransitionTime()
                : now;
        conditions.put(
                type,
                new Condition(
                        type.name(),
                        status,
                        reason.name(),
                        PlainText.shown(message, MESSAGE_LIMIT),
                        generation,
                        since));
        return this;
    }

    public List<Condition> list() {
        return new ArrayList<>(conditions.values());
    }

    /** The condition of that type in a list as it stands in a status. */
    public static Optional<Condition> find(@Nullable List<Condition> conditions, ConditionType type) {
        return conditions == null
                ? Optional.empty()
                : conditions.stream().filter(c -> type.name().equals(c.type())).findFirst();
    }

    /** Whether it stands, as True, False or Unknown. */
    public static boolean is(@Nullable List<Condition> conditions, ConditionType type, String status) {
        return find(conditions, type).map(c -> status.equals(c.status())).orElse(false);
    }

    /** Whether they say the end: a success or none. */
    public static boolean ended(@Nullable List<Condition> conditions) {
        return is(conditions, ConditionType.Succeeded, "True") || is(conditions, ConditionType.Succeeded, "False");
    }

    private static Optional<ConditionType> type(Condition condition) {
        for (ConditionType type : ConditionType.values()) {
            if (type.name().equals(condition.type())) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
