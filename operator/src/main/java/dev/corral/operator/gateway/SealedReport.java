package dev.corral.operator.gateway;

import dev.corral.operator.decide.Sealed;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The compact report a launcher leaves in its pod's termination message, for when it could not reach the gateway. Whoever can write that
 * message can write anything, so without a valid MAC under the session's key it is nothing.
 */
public final class SealedReport {
    private static final Pattern FORM =
            Pattern.compile("(corral1 ([a-z0-9]{16,64}) ([A-Za-z0-9-]{1,64}) ([A-Za-z0-9_-]+)) ([0-9a-f]{64})\\s*");
    private static final int MAX_LENGTH = 4096;

    private SealedReport() {}

    /** The report, with its session, if exactly this session sealed it, whichever execution it is about. */
    public static Optional<Sealed> open(String terminationMessage, String session, byte[] key) {
        if (terminationMessage.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        var form = FORM.matcher(terminationMessage);
        if (!form.matches() || !session.equals(form.group(2))) {
            return Optional.empty();
        }
        var expected = SessionKeys.hmac(key, form.group(1));
        if (!MessageDigest.isEqual(expected, HexFormat.of().parseHex(form.group(5)))) {
            return Optional.empty();
        }
        return decode(form.group(4))
                .flatMap(Json::parseObject)
                .flatMap(Reports::read)
                .map(report -> new Sealed(form.group(3), report.saidBy(session, null, null)));
    }

    private static Optional<byte[]> decode(String base64) {
        try {
            return Optional.of(Base64.getUrlDecoder().decode(base64));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
