package dev.corral.operator.permission;

/** How text of unknown origin is shown in messages: short, in quotes and without anything a terminal would act upon. */
final class Text {
    /** Characters between the quotes, as they are shown. */
    private static final int LONGEST = 80;

    private Text() {}

    static String quoted(String text) {
        StringBuilder shown = new StringBuilder();
        for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
            String next = escaped(text.codePointAt(at));
            if (shown.length() + next.length() > LONGEST) {
                return "\"" + shown + "…\"";
            }
            shown.append(next);
        }
        return "\"" + shown + "\"";
    }

    private static String escaped(int c) {
        if (c == '"' || c == '\\') {
            return "\\" + Character.toString(c);
        }
        return printable(c) ? Character.toString(c) : String.format("\\u%04x", c);
    }

    /** Bidirectional controls and zero-width characters are of type FORMAT, and so not printable. */
    static boolean printable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
