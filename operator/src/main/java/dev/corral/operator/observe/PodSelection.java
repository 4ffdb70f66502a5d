package dev.corral.operator.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a selector may select something whose labels are known in part. In doubt it may: what is not certainly left out counts as
 * selected, so that a policy can only be overlooked if it cannot concern us.
 */
final class PodSelection {
    /** What is known of one label. */
    sealed interface Known {}

    /** It has this value. */
    record Value(String value) implements Known {}

    /** There is no such label. */
    record Absent() implements Known {}

    /** It may be there, with any value. */
    record Unknown() implements Known {}

    /** Labels of something, as far as they are known. */
    @FunctionalInterface
    interface Labels {
        Known of(String key);
    }

    private static final Pattern HAS = Pattern.compile("(!?)\\s*has\\(\\s*([^\\s()]+)\\s*\\)");
    private static final Pattern EQUALS = Pattern.compile("([^\\s!=]+)\\s*(==|!=)\\s*(?:'([^']*)'|\"([^\"]*)\")");
    private static final Pattern IN = Pattern.compile("(\\S+)\\s+(not\\s+in|in)\\s*\\{([^}]*)\\}");

    private PodSelection() {}

    /** The labels given and no others. */
    static Labels exactly(Map<String, String> labels) {
        return key -> labels.containsKey(key) ? new Value(labels.get(key)) : new Absent();
    }

    /** A {@code LabelSelector} of Kubernetes; an absent or empty one selects everything. */
    static boolean may(JsonNode selector, Labels labels) {
        for (Map.Entry<String, JsonNode> label : selector.path("matchLabels").properties()) {
            if (!may(labels.of(label.getKey()), "In", Set.of(label.getValue().asText()))) {
                return false;
            }
        }
        for (JsonNode expression : selector.path("matchExpressions")) {
            List<String> values = new ArrayList<>();
            expression.path("values").forEach(value -> values.add(value.asText()));
            if (!may(
                    labels.of(expression.path("key").asText()),
                    expression.path("operator").asText(),
                    Set.copyOf(values))) {
                return false;
            }
        }
        return true;
    }

    /** A selector of Calico. Read as far as it is a plain conjunction; any other may select. */
    static boolean may(String selector, Labels labels) {
        if (selector.contains("||")
                || selector.replaceAll("(has\\([^()]*\\)|all\\(\\)|global\\(\\))", "")
                        .contains("(")) {
            return true;
        }
        for (String term : selector.split("&&", -1)) {
            if (!mayTerm(term.strip(), labels)) {
                return false;
            }
        }
        return true;
    }

    private static boolean mayTerm(String term, Labels labels) {
        Matcher has = HAS.matcher(term);
        if (has.matches()) {
            return may(labels.of(has.group(2)), has.group(1).isEmpty() ? "Exists" : "DoesNotExist", Set.of());
        }
        Matcher equals = EQUALS.matcher(term);
        if (equals.matches()) {
            String value = equals.group(3) == null ? equals.group(4) : equals.group(3);
            return may(labels.of(equals.group(1)), equals.group(2).equals("==") ? "In" : "NotIn", Set.of(value));
        }
        Matcher in = IN.matcher(term);
        if (in.matches()) {
            Set<String> values = Set.of(in.group(3).replaceAll("['\"\\s]", "").split(",", -1));
            return may(labels.of(in.group(1)), in.group(2).equals("in") ? "In" : "NotIn", values);
        }
        return true;
    }

    private static boolean may(Known known, String operator, Set<String> values) {
        return switch (known) {
            case Unknown unknown -> true;
            case Value(var value) ->
                switch (operator) {
                    case "In" -> values.contains(value);
                    case "NotIn" -> !values.contains(value);
                    case "DoesNotExist" -> false;
                    default -> true;
                };
            case Absent absent ->
                switch (operator) {
                    case "In", "Exists" -> false;
                    default -> true;
                };
        };
    }
}
