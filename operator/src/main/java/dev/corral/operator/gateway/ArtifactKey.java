package dev.corral.operator.gateway;

import java.util.regex.Pattern;

/** An artifact of one attempt; only values that are safe as a path or an object key can be one. */
public record ArtifactKey(String executionUID, int attempt, String name) {
    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    public ArtifactKey {
        if (!UID.matcher(executionUID).matches()
                || attempt < 1
                || !Reports.ARTIFACT_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("no artifact can be called this");
        }
    }
}
