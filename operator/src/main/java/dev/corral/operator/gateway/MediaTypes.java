package dev.corral.operator.gateway;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Content types as plugins declare them. */
final class MediaTypes {
    private static final String BYTES = "application/octet-stream";
    private static final int MAX_LENGTH = 127;
    private static final Pattern PLAUSIBLE =
            Pattern.compile("[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(; ?charset=[A-Za-z0-9._-]{1,40})?");

    private MediaTypes() {}

    /** The declared type, or plain bytes where none or nonsense is declared. */
    static String of(@Nullable String declared) {
        return declared != null
                        && declared.length() <= MAX_LENGTH
                        && PLAUSIBLE.matcher(declared).matches()
                ? declared
                : BYTES;
    }
}
