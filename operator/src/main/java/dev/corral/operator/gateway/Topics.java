package dev.corral.operator.gateway;

/** How the topics of plugin events are shown; what a topic is, and which are meant by a grant, {@code TopicPattern} says. */
final class Topics {
    private Topics() {}

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

    private static String name(String topic) {
        var at = topic.indexOf('@');
        return at < 0 ? topic : topic.substring(0, at);
    }
}
