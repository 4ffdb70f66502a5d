package dev.corral.operator.status;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Text from pods, users and others, made fit for terminals and status, and the only place that does so: no control, escape, direction or
 * zero-width characters (CVE-2021-25743), and never too long. What counts against a budget is cut by bytes, what people read by characters.
 */
public final class PlainText {
    private static final Pattern ESCAPE_SEQUENCE = Pattern.compile("\\x1b\\[[\\x20-\\x3f]*[\\x40-\\x7e]?");

    private PlainText() {}

    /** One line of at most {@code maxBytes} UTF-8 bytes; line breaks become spaces. */
    public static String line(String text, int maxBytes) {
        return clean(text, maxBytes, false);
    }

    /** Lines, with tabs, of at most {@code maxBytes} UTF-8 bytes. */
    public static String lines(String text, int maxBytes) {
        return clean(text, maxBytes, true);
    }

    /** Cuts to UTF-8 bytes on a character's border; for text that is clean already. */
    public static String cut(String text, int maxBytes) {
        return text.getBytes(StandardCharsets.UTF_8).length <= maxBytes ? text : clean(text, maxBytes, true);
    }

    /** Lines, with tabs, of at most {@code maxCharacters} UTF-16 units (2 at least), with an ellipsis where something was cut. */
    public static String shown(String text, int maxCharacters) {
        String clean = clean(text, Integer.MAX_VALUE, true);
        if (clean.length() <= maxCharacters) {
            return clean;
        }
        int end = maxCharacters - 1;
        return clean.substring(0, Character.isHighSurrogate(clean.charAt(end - 1)) ? end - 1 : end) + "…";
    }

    private static String clean(String text, int maxBytes, boolean keepLines) {
        var out = new StringBuilder(Math.min(text.length(), maxBytes));
        var bytes = 0;
        var visible = text.indexOf('\u001b') < 0
                ? text
                : ESCAPE_SEQUENCE.matcher(text).replaceAll("");
        for (var i = 0; i < visible.length(); ) {
            var point = visible.codePointAt(i);
            i += Character.charCount(point);
            if (!keepLines && (point == '\n' || point == '\t')) {
                point = ' ';
            }
            if (hidden(point)) {
                continue;
            }
            bytes += utf8Length(point);
            if (bytes > maxBytes) {
                break;
            }
            out.appendCodePoint(point);
        }
        return out.toString();
    }

    private static boolean hidden(int point) {
        if (point == '\n' || point == '\t') {
            return false;
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    private static int utf8Length(int point) {
        if (point < 0x80) {
            return 1;
        }
        return point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    }
}
