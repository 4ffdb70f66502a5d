package dev.corral.operator.permission;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;

/** Upper bounds of one run as one layer states them, in plain units; empty where the layer says nothing. */
public record Budget(Map<LimitField, Long> limits) {
    public static final Budget UNLIMITED = new Budget(Map.of());

    public Budget {
        Map<LimitField, Long> copy = new EnumMap<>(LimitField.class);
        copy.putAll(limits);
        copy.forEach((field, value) -> {
            if (value < (field == LimitField.EVENTS ? 0 : 1)) {
                throw new IllegalArgumentException("limit " + value);
            }
        });
        limits = Collections.unmodifiableMap(copy);
    }

    public OptionalLong get(LimitField field) {
        Long value = limits.get(field);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    public Budget with(LimitField field, long value) {
        Map<LimitField, Long> more = new EnumMap<>(LimitField.class);
        more.putAll(limits);
        more.put(field, value);
        return new Budget(more);
    }
}
