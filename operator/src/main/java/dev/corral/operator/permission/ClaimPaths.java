package dev.corral.operator.permission;

/**
 * Paths on a PersistentVolumeClaim of the namespace: {@code datasets/public/**}. A claim's name is exact, because whoever may create claims
 * chooses it; the rest is a {@link PathGlob} from the claim's root.
 */
public record ClaimPaths(String claim, PathGlob paths) implements Grantable, Comparable<ClaimPaths> {
    public ClaimPaths {
        if (!Labels.isObjectName(claim)) {
            throw new IllegalArgumentException("claim " + claim);
        }
    }

    public static Parsed<ClaimPaths> parse(String text, String path) {
        int slash = text.indexOf('/');
        String claim = slash < 0 ? "" : text.substring(0, slash);
        if (!Labels.isObjectName(claim)) {
            return Parsed.malformed(
                    path,
                    ViolationReason.Malformed,
                    Text.quoted(text) + " names no claim; write claim/path, and claim/** for all of it");
        }
        return switch (PathGlob.parse(text.substring(slash), path)) {
            case Parsed.Value<PathGlob>(var paths) -> Parsed.value(new ClaimPaths(claim, paths));
            case Parsed.Malformed<PathGlob>(var violations) -> new Parsed.Malformed<>(violations);
        };
    }

    /** A directory of the claim with all that is below it; {@code directory} is relative, empty for the root. */
    public static Parsed<ClaimPaths> subtree(String claim, String directory, String path) {
        return parse(claim + "/" + (directory.isEmpty() ? "" : directory + "/") + "**", path);
    }

    @Override
    public boolean covers(Grantable ask) {
        return ask instanceof ClaimPaths other && claim.equals(other.claim) && paths.covers(other.paths);
    }

    @Override
    public boolean overlaps(Grantable ask) {
        return ask instanceof ClaimPaths other && claim.equals(other.claim) && paths.overlaps(other.paths);
    }

    @Override
    public int compareTo(ClaimPaths other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return claim + paths;
    }
}
