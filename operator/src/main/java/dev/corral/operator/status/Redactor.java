package dev.corral.operator.status;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Makes text from pods and users safe to show: no control or bidirectional characters, no values of telling names, bounded. */
public final class Redactor {
    private static final Set<String> TELLING =
            Set.of("password", "passwd", "secret", "token", "key", "apikey", "auth", "authorization", "credential");

    private Redactor() {}

    /** At most {@code limit} characters, with an ellipsis where something was cut. */
    public static String cut(String text, int limit) {
        String clean = clean(text);
        return clean.length() <= limit ? clean : clean.substring(0, limit - 1) + "…";
    }

    /** Drops C0 and C1 controls (but newline and tab), bidirectional overrides and zero-width characters (CVE-2021-25743). */
    public static String clean(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().filter(Redactor::visible).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    /** Details by whole words of their names: {@code api_key} is redacted, {@code monkey} is not. */
    public static Map<String, String> details(Map<String, String> details) {
        Map<String, String> safe = new TreeMap<>();
        details.forEach((name, value) -> safe.put(name, telling(name) ? "[REDACTED]" : cut(value, 256)));
        return safe;
    }

    private static boolean telling(String name) {
        String words = name.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
        for (String word : words.split("[^a-z]+")) {
            if (TELLING.contains(word)) {
                return true;
            }
        }
        return false;
    }

    private static boolean visible(int c) {
        if (c == '\n' || c == '\t') {
            return true;
        }
        boolean control = c < 0x20 || (c >= 0x7f && c < 0xa0);
        boolean direction = (c >= 0x200b && c <= 0x200f)
                || (c >= 0x202a && c <= 0x202e)
                || (c >= 0x2060 && c <= 0x2069)
                || c == 0xfeff
                || c == 0x061c;
        return !control && !direction;
    }
}
