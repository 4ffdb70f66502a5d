package dev.corral.operator.status;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Keeps values back whose name tells that they are secret. How the rest of them is shown is {@link PlainText}'s. */
public final class Redactor {
    private static final Set<String> TELLING =
            Set.of("password", "passwd", "secret", "token", "key", "apikey", "auth", "authorization", "credential");

    private Redactor() {}

    /** Details by whole words of their names: {@code api_key} is redacted, {@code monkey} is not. */
    public static Map<String, String> details(Map<String, String> details) {
        Map<String, String> safe = new TreeMap<>();
        details.forEach((name, value) -> safe.put(name, telling(name) ? "[REDACTED]" : PlainText.shown(value, 256)));
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
}
