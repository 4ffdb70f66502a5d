package dev.corral.operator.policy;

import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.ViolationReason;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container image with its registry. Short forms, which each runtime completes its own way, are refused, so that none slips past a
 * policy.
 */
public record ImageReference(String repository, Optional<String> tag, Optional<String> digest) {
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
    private static final String DOMAIN = "[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?";
    static final String REPOSITORY = "(?:" + DOMAIN + "/)?" + COMPONENT + "(?:/" + COMPONENT + ")*";
    static final String DIGEST = "sha256:[0-9a-f]{64}";
    private static final Pattern FORM =
            Pattern.compile("(" + REPOSITORY + ")(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(" + DIGEST + "))?");
    private static final int LONGEST = 512;

    public static Parsed<ImageReference> parse(String text, String path) {
        Matcher form = FORM.matcher(text);
        if (text.length() > LONGEST || !form.matches()) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    "no image reference; write registry.example.org/name@sha256:<64 lower-case hexadecimal digits>");
        }
        if (!namesRegistry(form.group(1))) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    "the image names no registry; write it in full, like registry.example.org/" + form.group(1));
        }
        return Parsed.value(new ImageReference(
                form.group(1), Optional.ofNullable(form.group(2)), Optional.ofNullable(form.group(3))));
    }

    /** The rule of the container runtimes: a first part without a dot, a port or {@code localhost} is no registry. */
    private static boolean namesRegistry(String repository) {
        int slash = repository.indexOf('/');
        String first = slash < 0 ? "" : repository.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost");
    }

    @Override
    public String toString() {
        return repository
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
