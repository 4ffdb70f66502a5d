package dev.corral.operator.permission;

/** Every limit of the vocabulary, with its unit. */
public enum LimitField {
    TIMEOUT("timeout", Unit.MILLISECONDS),
    MEMORY("memory", Unit.BYTES),
    CPU("cpu", Unit.CPU_MILLIS),
    CPU_TIME("cpuTime", Unit.MILLISECONDS),
    DISK("disk", Unit.BYTES),
    PROCESSES("processes", Unit.COUNT),
    OUTPUT("output", Unit.BYTES),
    EVENTS("events", Unit.COUNT);

    private enum Unit {
        MILLISECONDS,
        BYTES,
        CPU_MILLIS,
        COUNT
    }

    private final String fieldName;
    private final Unit unit;

    LimitField(String fieldName, Unit unit) {
        this.fieldName = fieldName;
        this.unit = unit;
    }

    /** As it is called inside {@code limits}. */
    public String fieldName() {
        return fieldName;
    }

    /** Whether it is written as a number, not as text with a unit. */
    public boolean isCount() {
        return unit == Unit.COUNT;
    }

    public String path() {
        return "limits." + fieldName;
    }

    /** The value as a person would write it in this field. */
    public String text(long value) {
        return switch (unit) {
            case MILLISECONDS -> Durations.text(value);
            case BYTES -> Quantity.bytesText(value);
            case CPU_MILLIS -> Quantity.cpuText(value);
            case COUNT -> Long.toString(value);
        };
    }
}
