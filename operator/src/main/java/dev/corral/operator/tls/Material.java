package dev.corral.operator.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Everything TLS there is: the authorities (oldest first), what the gateway serves, and the master of its session keys. Three Secrets
 * hold it, so that the gateway can be given what it needs and no authority's key.
 */
public record Material(List<KeyPairPem> authorities, KeyPairPem serving, String sessionKey) {
    /** Authorities with their keys; for the controller alone. */
    public static final String CA_SECRET = "corral-ca";
    /** What the gateway serves, and the bundle new pods are given. */
    public static final String SERVING_SECRET = "corral-gateway-tls";
    /** The master of all session keys. */
    public static final String SESSION_SECRET = "corral-session-key";

    private static final Pattern SESSION_KEY = Pattern.compile("[0-9a-f]{64}");

    public Material {
        authorities = List.copyOf(authorities);
        if (authorities.isEmpty() || !SESSION_KEY.matcher(sessionKey).matches()) {
            throw new IllegalArgumentException("an authority and 32 bytes of session key in hex are needed");
        }
    }

    /** What new pods trust: every authority that signs, will sign, or signed until lately. */
    public String bundle() {
        return String.join("", authorities.stream().map(KeyPairPem::certificate).toList());
    }

    public Map<String, String> caSecret() {
        return Map.of(
                "ca.crt",
                bundle(),
                "ca.key",
                String.join("", authorities.stream().map(KeyPairPem::key).toList()));
    }

    public Map<String, String> servingSecret() {
        return Map.of("tls.crt", serving.certificate(), "tls.key", serving.key(), "ca.crt", bundle());
    }

    public Map<String, String> sessionSecret() {
        return Map.of("master", sessionKey);
    }

    /** What the Secrets hold; empty maps for Secrets that are not there. What cannot be read counts as absent and is made anew. */
    public static Existing read(Map<String, String> ca, Map<String, String> serving, Map<String, String> session) {
        return new Existing(
                authorities(ca),
                pair(serving.get("tls.crt"), serving.get("tls.key")),
                Optional.ofNullable(session.get("master"))
                        .map(String::strip)
                        .filter(key -> SESSION_KEY.matcher(key).matches()));
    }

    private static List<KeyPairPem> authorities(Map<String, String> secret) {
        var certificates = Pem.split(Objects.requireNonNullElse(secret.get("ca.crt"), ""));
        var keys = Pem.split(Objects.requireNonNullElse(secret.get("ca.key"), ""));
        var all = new ArrayList<KeyPairPem>();
        for (var i = 0; i < Math.min(certificates.size(), keys.size()); i++) {
            pair(certificates.get(i), keys.get(i)).ifPresent(all::add);
        }
        return all;
    }

    private static Optional<KeyPairPem> pair(@Nullable String certificate, @Nullable String key) {
        if (certificate == null || key == null) {
            return Optional.empty();
        }
        try {
            var pair = new KeyPairPem(certificate, key);
            return Certificates.belongTogether(pair) ? Optional.of(pair) : Optional.empty();
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /** What was found, in whatever state. */
    public record Existing(List<KeyPairPem> authorities, Optional<KeyPairPem> serving, Optional<String> sessionKey) {
        public Existing {
            authorities = List.copyOf(authorities);
        }

        @Override
        public String toString() {
            return "Existing[" + authorities.size() + " authorities]";
        }

        public static Existing nothing() {
            return new Existing(List.of(), Optional.empty(), Optional.empty());
        }

        static Existing of(Material material) {
            return new Existing(
                    material.authorities(), Optional.of(material.serving()), Optional.of(material.sessionKey()));
        }
    }

    @Override
    public String toString() {
        return "Material[" + authorities.size() + " authorities]";
    }
}
