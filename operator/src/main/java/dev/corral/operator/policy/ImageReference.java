package dev.corral.operator.policy;

import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.ViolationReason;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container image. {@code repository} is complete, as the node's runtime completes it: {@code alpine} is
 * {@code docker.io/library/alpine}, so that no short form slips past a policy.
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
        return Parsed.value(new ImageReference(
                complete(form.group(1)), Optional.ofNullable(form.group(2)), Optional.ofNullable(form.group(3))));
    }

    /** The rule of the container runtimes: a first part without a dot, a port or {@code localhost} is no registry. */
    static String complete(String repository) {
        int slash = repository.indexOf('/');
        String first = slash < 0 ? "" : repository.substring(0, slash);
        boolean registry = first.contains(".") || first.contains(":") || first.equals("localhost");
        if (!registry) {
            return "docker.io/" + (slash < 0 ? "library/" : "") + repository;
        }
        String rest = repository.substring(slash + 1);
        if (first.equals("index.docker.io") || first.equals("docker.io")) {
            return "docker.io/" + (rest.contains("/") ? "" : "library/") + rest;
        }
        return repository;
    }

    @Override
    public String toString() {
        return repository
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
