package dev.corral.operator.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that was refused. {@code path} is the field that asked for it, {@code policy} the object that refused it or could allow
 * it, {@code remedy} a sentence with what to write where, in YAML ready to paste.
 */
public record Denial(String path, DenialReason reason, String message, Optional<PolicyId> policy, String remedy)
        implements Comparable<Denial> {
    private static final Pattern INDEX = Pattern.compile("\\[(\\d+)]");
    private static final Comparator<Denial> ORDER = Comparator.comparing(Denial::sortablePath)
            .thenComparing(Denial::reason)
            .thenComparing(Denial::message)
            .thenComparing(Denial::remedy);

    /** {@code [10]} comes after {@code [9]}. */
    private String sortablePath() {
        return INDEX.matcher(path)
                .replaceAll(index -> Matcher.quoteReplacement(String.format("[%6s]", index.group(1))));
    }

    @Override
    public int compareTo(Denial other) {
        return ORDER.compare(this, other);
    }

    static List<Denial> shortened(List<Denial> denials, int most) {
        List<Denial> sorted = denials.stream().sorted().distinct().toList();
        if (sorted.size() <= most) {
            return sorted;
        }
        List<Denial> first = new ArrayList<>(sorted.subList(0, most - 1));
        first.add(new Denial(
                "spec",
                DenialReason.MoreDenials,
                (sorted.size() - first.size()) + " more were refused",
                Optional.empty(),
                "Answer the ones above first; the rest will then be shown."));
        return List.copyOf(first);
    }
}
