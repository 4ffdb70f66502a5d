package dev.corral.operator.policy;

import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.ViolationReason;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A container image with its registry. Short forms, which each runtime completes its own way, and other names of one repository are
 * refused, so that none slips past a policy.
 */
public record ImageReference(String repository, Optional<String> tag, Optional<String> digest) {
    private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_{1,2}|-+)[a-z0-9]+)*";
    static final String DOMAIN = "[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[1-9][0-9]{0,4})?";
    static final String REPOSITORY = "(?:" + DOMAIN + "/)?" + COMPONENT + "(?:/" + COMPONENT + ")*";
    static final String DIGEST = "sha256:[0-9a-f]{64}";
    private static final Pattern FORM =
            Pattern.compile("(" + REPOSITORY + ")(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(" + DIGEST + "))?");
    private static final int LONGEST = 512;
    private static final String HUB = "docker.io";
    private static final Set<String> ALSO_HUB = Set.of("index.docker.io", "registry-1.docker.io");
    private static final String HTTPS = ":443";

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
        String usual = usual(form.group(1));
        if (!usual.equals(form.group(1))) {
            return Parsed.malformed(path, ViolationReason.Malformed, otherwise(usual));
        }
        return Parsed.value(new ImageReference(
                form.group(1), Optional.ofNullable(form.group(2)), Optional.ofNullable(form.group(3))));
    }

    /** The installation's own, by whatever name: no policy is about it. */
    public static ImageReference own(String text) {
        int at = text.indexOf('@');
        return at < 0
                ? new ImageReference(text, Optional.empty(), Optional.empty())
                : new ImageReference(text.substring(0, at), Optional.empty(), Optional.of(text.substring(at + 1)));
    }

    /** The rule of the container runtimes: a first part without a dot, a port or {@code localhost} is no registry. */
    private static boolean namesRegistry(String repository) {
        int slash = repository.indexOf('/');
        String first = slash < 0 ? "" : repository.substring(0, slash);
        return first.contains(".") || first.contains(":") || first.equals("localhost");
    }

    /** What is wrong with another name than the usual one. */
    static String otherwise(String usual) {
        return "another name for what policies know by its usual one; write " + usual;
    }

    /** What runtimes pull by this name, by the name it usually has. */
    static String usual(String repository) {
        int slash = repository.indexOf('/');
        String registry = usualRegistry(repository.substring(0, slash));
        String path = repository.substring(slash + 1);
        return registry + (registry.equals(HUB) && !path.contains("/") ? "/library/" : "/") + path;
    }

    /** The same of a registry. */
    static String usualRegistry(String registry) {
        String named = registry.endsWith(HTTPS) ? registry.substring(0, registry.length() - HTTPS.length()) : registry;
        return ALSO_HUB.contains(named) ? HUB : named;
    }

    @Override
    public String toString() {
        return repository
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
