package dev.corral.operator.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;

/** A certificate and its private key, both as PEM; the key never shows in a log. */
public record KeyPairPem(String certificate, String key) {
    X509Certificate x509() {
        return Pem.certificate(certificate);
    }

    Instant notBefore() {
        return x509().getNotBefore().toInstant();
    }

    Instant notAfter() {
        return x509().getNotAfter().toInstant();
    }

    @Override
    public String toString() {
        return "KeyPairPem[…]";
    }
}
