package dev.corral.operator.permission;

import java.util.regex.Pattern;

/**
 * Artifacts of other executions of the namespace, by the plugin that left them: {@code link-checker/report}, where either part may be
 * {@code *}. A name means any plugin that has it, the catalogue's or the namespace's, but in a grant: see {@link #grants}.
 */
public record ArtifactPattern(String plugin, String artifact) implements Grantable, Comparable<ArtifactPattern> {
    private static final String ANY = "*";
    private static final Pattern ARTIFACT = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final int LONGEST = 320;

    public ArtifactPattern {
        if (!(plugin.equals(ANY) || Labels.isObjectName(plugin))
                || !(artifact.equals(ANY) || ARTIFACT.matcher(artifact).matches())) {
            throw new IllegalArgumentException("artifact " + plugin + "/" + artifact);
        }
    }

    public static Parsed<ArtifactPattern> parse(String text, String path) {
        int slash = text.indexOf('/');
        String plugin = slash < 0 ? "" : text.substring(0, slash);
        String artifact = text.substring(slash + 1);
        if (text.length() > LONGEST
                || !(plugin.equals(ANY) || Labels.isObjectName(plugin))
                || !(artifact.equals(ANY) || ARTIFACT.matcher(artifact).matches())) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text)
                            + " is no artifact; write plugin/artifact, with * for any plugin or any artifact");
        }
        return Parsed.value(new ArtifactPattern(plugin, artifact));
    }

    /**
     * Whether a grant of this opens the artifact. A name means the catalogue's plugin, because only administrators choose those names:
     * a tenant could give any plugin of its namespace the name that is granted, and with it take out what others left.
     */
    public boolean grants(boolean catalogue, String producer, String left) {
        return (plugin.equals(ANY) || catalogue && plugin.equals(producer)) && matches(artifact, left);
    }

    private static boolean matches(String pattern, String name) {
        return pattern.equals(ANY) || pattern.equals(name);
    }

    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof ArtifactPattern other
                && matches(plugin, other.plugin)
                && matches(artifact, other.artifact);
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof ArtifactPattern other && meets(plugin, other.plugin) && meets(artifact, other.artifact);
    }

    private static boolean meets(String one, String other) {
        return matches(one, other) || matches(other, one);
    }

    @Override
    public int compareTo(ArtifactPattern other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return plugin + "/" + artifact;
    }
}
