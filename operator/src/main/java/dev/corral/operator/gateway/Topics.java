package dev.corral.operator.gateway;

import java.util.List;
import java.util.regex.Pattern;

/** Topics of plugin events: {@code check.done@v1}; the launcher knows the same grammar. */
final class Topics {
    private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?(@v[0-9]+)?");
    private static final int MAX_LENGTH = 128;

    private Topics() {}

    /** Whether a pattern covers the topic: equal, or a prefix before {@code *}; the version is never a wildcard. */
    static boolean granted(List<String> patterns, String topic) {
        if (topic.length() > MAX_LENGTH || !GRAMMAR.matcher(topic).matches()) {
            return false;
        }
        return patterns.stream().anyMatch(pattern -> covers(pattern, topic));
    }

    /** {@code check.link-broken@v1} becomes {@code CheckLinkBroken}, as reasons of Events are written. */
    static String reason(String topic) {
        var reason = new StringBuilder();
        for (var word : name(topic).split("[.-]+")) {
            if (!word.isEmpty()) {
                reason.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
            }
        }
        return reason.toString();
    }

    private static boolean covers(String pattern, String topic) {
        if (!version(pattern).equals(version(topic))) {
            return false;
        }
        var wanted = name(pattern);
        return wanted.endsWith("*")
                ? name(topic).startsWith(wanted.substring(0, wanted.length() - 1))
                : wanted.equals(name(topic));
    }

    private static String name(String topic) {
        var at = topic.indexOf('@');
        return at < 0 ? topic : topic.substring(0, at);
    }

    private static String version(String topic) {
        var at = topic.indexOf('@');
        return at < 0 ? "" : topic.substring(at);
    }
}
