package dev.corral.operator.policy;

import dev.corral.operator.permission.Parsed;
import dev.corral.operator.permission.ViolationReason;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which images a rule is about: a repository ({@code registry.example.org/check}), all below a path
 * ({@code registry.example.org/team/*}), all ({@code *}), each of these with one digest, or a digest alone.
 */
public record ImagePattern(String repository, boolean below, Optional<String> digest) {
    private static final Pattern FORM = Pattern.compile("(?:(\\*)|(" + ImageReference.REPOSITORY + "|"
            + ImageReference.DOMAIN + ")(/\\*)?)(?:@(" + ImageReference.DIGEST + "))?");
    private static final Pattern BARE_DIGEST = Pattern.compile(ImageReference.DIGEST);

    public static Parsed<ImagePattern> parse(String text, String path) {
        if (BARE_DIGEST.matcher(text).matches()) {
            return Parsed.value(new ImagePattern("", true, Optional.of(text)));
        }
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    "no image pattern; write registry.example.org/team/*, registry.example.org/name or sha256:<64 hexadecimal"
                            + " digits>; tags are not compared");
        }
        Optional<String> digest = Optional.ofNullable(form.group(4));
        if (form.group(1) != null) {
            return Parsed.value(new ImagePattern("", true, digest));
        }
        boolean below = form.group(3) != null;
        String usual = usual(form.group(2), below);
        return usual.equals(form.group(2))
                ? Parsed.value(new ImagePattern(usual, below, digest))
                : Parsed.malformed(
                        path, ViolationReason.Malformed, ImageReference.otherwise(usual + (below ? "/*" : "")));
    }

    /** By another name it would match nothing, since no image has one. */
    private static String usual(String written, boolean below) {
        int slash = written.indexOf('/');
        if (slash < 0) {
            return ImageReference.usualRegistry(written);
        }
        return below
                ? ImageReference.usualRegistry(written.substring(0, slash)) + written.substring(slash)
                : ImageReference.usual(written);
    }

    public boolean matches(ImageReference image) {
        boolean named = below
                ? repository.isEmpty() || image.repository().startsWith(repository + "/")
                : image.repository().equals(repository);
        return named && (digest.isEmpty() || digest.equals(image.digest()));
    }

    @Override
    public String toString() {
        String name = repository.isEmpty() ? "*" : below ? repository + "/*" : repository;
        return name + digest.map(d -> "@" + d).orElse("");
    }
}
