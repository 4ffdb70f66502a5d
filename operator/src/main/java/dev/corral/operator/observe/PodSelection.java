package dev.corral.operator.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

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

    // Terms of Calico's selectors, with one blank where there are any. A literal takes anything up to its quote;
    // what no label could equal is not read.
    private static final String KEY = "([\\w./-]{1,512})";
    private static final String LITERAL = "(?:'[\\w.-]*'|\"[\\w.-]*\")";
    private static final Pattern HAS = Pattern.compile(" ?(!?) ?has\\( ?" + KEY + " ?\\) ?");
    private static final Pattern EQUALS = Pattern.compile(" ?" + KEY + " ?(==|!=)( ?" + LITERAL + " ?)");
    private static final Pattern IN = Pattern.compile(" ?" + KEY + " (not in|in) ?\\{([^{}]*)} ?");
    private static final Pattern VALUE = Pattern.compile(" ?(" + LITERAL + ") ?");
    private static final Pattern OPEN = Pattern.compile(
            " ?(?:(?:all|global)\\( ?\\)|" + KEY + " (?:contains|starts with|ends with) ?" + LITERAL + ") ?");

    private PodSelection() {}

    /** The labels given and no others. */
    static Labels exactly(Map<String, String> labels) {
        return key -> labels.containsKey(key) ? new Value(labels.get(key)) : new Absent();
    }

    /** A {@code LabelSelector} of Kubernetes, read whole; an absent or empty one selects everything. */
    static boolean may(JsonNode selector, Labels labels) {
        boolean may = true;
        for (Map.Entry<String, JsonNode> label :
                Fields.map(selector, "matchLabels").properties()) {
            may &= may(labels.of(label.getKey()), "In", Set.of(Fields.text(label.getValue())));
        }
        for (JsonNode expression : Fields.list(selector, "matchExpressions")) {
            Set<String> values = new HashSet<>();
            Fields.list(Fields.map(expression), "values").forEach(value -> values.add(Fields.text(value)));
            may &= may(labels.of(Fields.text(expression, "key")), Fields.text(expression, "operator"), values);
        }
        return may;
    }

    /**
     * A selector of Calico, read as far as it is a plain conjunction; any other may select. So may one of which a single term is not read:
     * what Calico cannot read as a selector of namespaces or accounts, it drops, and the policy is for all of them.
     */
    static boolean may(String selector, Labels labels) {
        List<Optional<Requirement>> terms = Stream.of(
                        selector.replaceAll("[ \t]+", " ").split("&&", -1))
                .map(PodSelection::requirement)
                .toList();
        return terms.stream().anyMatch(Optional::isEmpty)
                || terms.stream()
                        .flatMap(Optional::stream)
                        .allMatch(term -> may(labels.of(term.key()), term.operator(), term.values()));
    }

    /** One term of a conjunction, in the words of Kubernetes. */
    private record Requirement(String key, String operator, Set<String> values) {}

    private static Optional<Requirement> requirement(String term) {
        Matcher has = HAS.matcher(term);
        if (has.matches()) {
            String operator = has.group(1).isEmpty() ? "Exists" : "DoesNotExist";
            return Optional.of(new Requirement(has.group(2), operator, Set.of()));
        }
        Matcher equals = EQUALS.matcher(term);
        if (equals.matches()) {
            String operator = equals.group(2).equals("==") ? "In" : "NotIn";
            return values(equals.group(3)).map(values -> new Requirement(equals.group(1), operator, values));
        }
        Matcher in = IN.matcher(term);
        if (in.matches()) {
            String operator = in.group(2).equals("in") ? "In" : "NotIn";
            return values(in.group(3)).map(values -> new Requirement(in.group(1), operator, values));
        }
        // may hold or not, whatever is known
        return OPEN.matcher(term).matches() ? Optional.of(new Requirement("", "", Set.of())) : Optional.empty();
    }

    /** Empty if one is none that a label could have. */
    private static Optional<Set<String>> values(String listed) {
        Set<String> values = new HashSet<>();
        for (String literal : listed.split(",", -1)) {
            Matcher value = VALUE.matcher(literal);
            if (!value.matches()) {
                return Optional.empty();
            }
            values.add(value.group(1).substring(1, value.group(1).length() - 1));
        }
        return Optional.of(values);
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
