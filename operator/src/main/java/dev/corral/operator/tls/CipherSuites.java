package dev.corral.operator.tls;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Of the suites of TLS 1.3 (RFC 8446, section 9.1), in which order both programs ask for them. */
public final class CipherSuites {
    /**
     * ChaCha20 (RFC 8439) before AES: only the JVM's second compiler, which we start without to save memory and processor time, knows the
     * processor's instructions for AES. Without them AES-GCM takes three to four times as long.
     */
    public static final Set<String> LIGHTEST_FIRST = Collections.unmodifiableSet(new LinkedHashSet<>(
            List.of("TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")));

    private CipherSuites() {}
}
