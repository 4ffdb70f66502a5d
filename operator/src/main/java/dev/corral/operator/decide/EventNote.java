package dev.corral.operator.decide;

/** One Kubernetes Event about an execution; {@code note} is at most 1 KiB and holds no secret and no stack. */
public record EventNote(Type type, String reason, String action, String note) {
    /** What kubectl shows in the first column. */
    public enum Type {
        Normal,
        Warning
    }

    public static EventNote normal(String reason, String action, String note) {
        return new EventNote(Type.Normal, reason, action, note);
    }

    public static EventNote warning(String reason, String action, String note) {
        return new EventNote(Type.Warning, reason, action, note);
    }
}
