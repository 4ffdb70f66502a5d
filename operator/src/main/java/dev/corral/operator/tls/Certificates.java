package dev.corral.operator.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates on P-256; when and why is {@link CertificateAuthority}'s affair. */
final class Certificates {
    /** Nodes whose clock is a little behind must believe a new certificate too. */
    static final Duration BACKDATED = Duration.ofHours(1);

    private final SecureRandom random;

    Certificates(SecureRandom random) {
        this.random = random;
    }

    KeyPairPem authority(Instant now, Duration validity) {
        var keys = newKeys();
        var serial = serial();
        // a name of its own, so that no chain is built through the namesake of another generation
        var name = new X500Principal("CN=corral-ca " + HexFormat.of().toHexDigits(serial.longValue()));
        var builder = builder(name, name, serial, keys, now, now.plus(validity));
        try {
            var extensions = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(keys.getPublic()));
        } catch (CertIOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("these extensions are fixed", impossible);
        }
        return signed(builder, keys, Pem.write("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    KeyPairPem serving(KeyPairPem authority, List<String> names, Instant now, Duration validity) {
        var keys = newKeys();
        var issuer = authority.x509();
        var until = now.plus(validity);
        var notAfter = until.isBefore(authority.notAfter()) ? until : authority.notAfter();
        var subject = new X500Principal("CN=" + names.getFirst());
        var builder = builder(issuer.getSubjectX500Principal(), subject, serial(), keys, now, notAfter);
        var alternatives = names.stream()
                .map(name -> new GeneralName(GeneralName.dNSName, name))
                .toArray(GeneralName[]::new);
        try {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives))
                    .addExtension(
                            Extension.authorityKeyIdentifier,
                            false,
                            new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.getPublicKey()));
        } catch (CertIOException | GeneralSecurityException impossible) {
            throw new IllegalStateException("these extensions are fixed", impossible);
        }
        var signer = new KeyPair(issuer.getPublicKey(), Pem.privateKey(authority.key()));
        return signed(
                builder, signer, Pem.write("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    static boolean belongTogether(KeyPairPem pair) {
        var probe = new byte[] {1, 2, 3};
        try {
            var signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(Pem.privateKey(pair.key()));
            signature.update(probe);
            var signed = signature.sign();
            signature.initVerify(pair.x509().getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException strangers) {
            return false;
        }
    }

    static boolean signedBy(X509Certificate certificate, X509Certificate authority) {
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (GeneralSecurityException strangers) {
            return false;
        }
    }

    private X509v3CertificateBuilder builder(
            X500Principal issuer, X500Principal subject, BigInteger serial, KeyPair keys, Instant now, Instant until) {
        return new JcaX509v3CertificateBuilder(
                issuer, serial, Date.from(now.minus(BACKDATED)), Date.from(until), subject, keys.getPublic());
    }

    private KeyPairPem signed(X509v3CertificateBuilder builder, KeyPair signer, String key) {
        try {
            var contentSigner = new JcaContentSignerBuilder("SHA256withECDSA")
                    .setSecureRandom(random)
                    .build(signer.getPrivate());
            var certificate = new JcaX509CertificateConverter().getCertificate(builder.build(contentSigner));
            return new KeyPairPem(Pem.write("CERTIFICATE", certificate.getEncoded()), key);
        } catch (OperatorCreationException | GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK signs with ECDSA", impossible);
        }
    }

    private KeyPair newKeys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has P-256", impossible);
        }
    }

    private BigInteger serial() {
        return new BigInteger(127, random).setBit(126);
    }
}
