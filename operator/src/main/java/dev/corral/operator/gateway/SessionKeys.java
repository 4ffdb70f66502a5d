package dev.corral.operator.gateway;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Session keys, derived and never stored: HMAC-SHA256(master, podUID + "/" + session). A gateway that has just started knows the
 * sessions of its predecessor by computing them again.
 */
public final class SessionKeys {
    private static final Pattern AUTHORIZATION =
            Pattern.compile("Corral ([0-9a-f-]{36})/([a-z0-9]{16,64})/([0-9a-f]{64})");

    /** No session has this text: it has no slash in it. */
    private static final String CONTROLLER = "Corral-Controller ";

    private final byte[] master;

    public SessionKeys(byte[] master) {
        this.master = master.clone();
    }

    /** The key of a session; the controller opens sealed reports with it. */
    public byte[] key(String podUID, String session) {
        return hmac(master, podUID + "/" + session);
    }

    /** With what the controller shows that it is one: it holds the master, too. */
    String controller() {
        return CONTROLLER + HexFormat.of().formatHex(hmac(master, CONTROLLER));
    }

    boolean isController(String authorization) {
        return MessageDigest.isEqual(
                authorization.getBytes(StandardCharsets.UTF_8), controller().getBytes(StandardCharsets.UTF_8));
    }

    /** The session an Authorization header proves, if it proves one. */
    Optional<SessionId> verify(String authorization) {
        var matcher = AUTHORIZATION.matcher(authorization);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var id = new SessionId(matcher.group(1), matcher.group(2));
        var offered = HexFormat.of().parseHex(matcher.group(3));
        return MessageDigest.isEqual(offered, key(id.podUID(), id.session())) ? Optional.of(id) : Optional.empty();
    }

    static byte[] hmac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has HmacSHA256", impossible);
        }
    }
}
