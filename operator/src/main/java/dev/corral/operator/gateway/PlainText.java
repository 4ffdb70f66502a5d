package dev.corral.operator.gateway;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Text from inside a pod, made fit for terminals and status: no control, escape, direction or zero-width characters, and never too long. */
final class PlainText {
    private static final Pattern ESCAPE_SEQUENCE = Pattern.compile("\\x1b\\[[\\x20-\\x3f]*[\\x40-\\x7e]?");

    private PlainText() {}

    /** One line of at most {@code maxBytes} UTF-8 bytes; line breaks become spaces. */
    static String line(String text, int maxBytes) {
        return clean(text, maxBytes, false);
    }

    /** Lines, with tabs, of at most {@code maxBytes} UTF-8 bytes. */
    static String lines(String text, int maxBytes) {
        return clean(text, maxBytes, true);
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

    /** Cuts on a character's border; for text that is clean already. */
    static String cut(String text, int maxBytes) {
        return text.getBytes(StandardCharsets.UTF_8).length <= maxBytes ? text : clean(text, maxBytes, true);
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
