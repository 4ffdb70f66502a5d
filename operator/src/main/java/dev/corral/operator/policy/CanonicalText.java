package dev.corral.operator.policy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Text for hashing. Every part carries its length, so that no value can imitate a boundary between two. */
final class CanonicalText {
    private final StringBuilder text = new StringBuilder();

    void add(String what, String... parts) {
        text.append(what);
        for (String part : parts) {
            text.append(' ').append(part.length()).append(':').append(part);
        }
        text.append('\n');
    }

    String sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }
}
