package dev.corral.operator.tls;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** PEM in and out; malformed PEM is an {@link IllegalArgumentException}. */
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*([A-Za-z0-9+/=\\s]+?)-----END \\1-----\\s*");

    private Pem() {}

    static String write(String type, byte[] der) {
        var lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n";
    }

    /** The blocks of a file that holds several, each as PEM of its own; one that is malformed as it stands, so that the others keep their places. */
    static List<String> split(String pem) {
        return BLOCK.matcher(pem).results().map(Pem::alone).toList();
    }

    private static String alone(MatchResult block) {
        try {
            return write(block.group(1), decode(block));
        } catch (IllegalArgumentException malformed) {
            return block.group();
        }
    }

    static X509Certificate certificate(String pem) {
        try {
            var factory = CertificateFactory.getInstance("X.509");
            var bytes = pem.getBytes(StandardCharsets.US_ASCII);
            return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes));
        } catch (CertificateException malformed) {
            throw new IllegalArgumentException("not a certificate", malformed);
        }
    }

    static PrivateKey privateKey(String pem) {
        var block = BLOCK.matcher(pem);
        if (!block.matches()) {
            throw new IllegalArgumentException("not a private key");
        }
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(decode(block)));
        } catch (GeneralSecurityException malformed) {
            throw new IllegalArgumentException("not a private key", malformed);
        }
    }

    private static byte[] decode(MatchResult block) {
        return Base64.getMimeDecoder().decode(block.group(2));
    }
}
