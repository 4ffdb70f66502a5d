package dev.corral.operator.gateway;

import java.util.regex.Pattern;

/** Content types as plugins declare them. */
final class MediaTypes {
    static final String BYTES = "application/octet-stream";
    private static final Pattern PLAUSIBLE =
            Pattern.compile("[A-Za-z0-9!#$&^_.+-]{1,63}/[A-Za-z0-9!#$&^_.+-]{1,63}(; ?charset=[A-Za-z0-9._-]{1,40})?");

    private MediaTypes() {}

    static boolean plausible(String type) {
        return PLAUSIBLE.matcher(type).matches();
    }
}
