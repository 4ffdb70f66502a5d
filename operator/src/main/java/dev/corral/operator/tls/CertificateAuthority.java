package dev.corral.operator.tls;

import dev.corral.operator.plan.Installation;
import java.security.SecureRandom;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * When which certificate is made. An authority lives two years; sixty days before its end a new one joins the bundle given to new pods,
 * thirty days later (no pod of before is left) the new one signs, and the old one leaves the bundle when it ends.
 */
public final class CertificateAuthority {
    static final Duration AUTHORITY_LIFE = Duration.ofDays(730);
    static final Duration OVERLAP = Duration.ofDays(30);
    static final Duration SERVING_LIFE = Duration.ofDays(90);

    private final List<String> names;
    private final SecureRandom random;
    private final Certificates certificates;

    public CertificateAuthority(String namespace, SecureRandom random) {
        this.names = List.of(Installation.GATEWAY_SERVICE, Installation.GATEWAY_SERVICE + "." + namespace + ".svc");
        this.random = random;
        this.certificates = new Certificates(random);
    }

    /** What to do at this time: pure, so that two years can be walked through in a test. */
    static Plan plan(Material.Existing existing, List<String> names, Instant now) {
        var living = existing.authorities().stream()
                .filter(authority -> authority.notAfter().isAfter(now))
                .sorted(Comparator.comparing(KeyPairPem::notBefore))
                .toList();
        var successor = living.isEmpty()
                || !living.getLast().notAfter().isAfter(now.plus(OVERLAP).plus(OVERLAP));
        var signer = signer(living, now);
        var keep = signer.flatMap(
                authority -> existing.serving().filter(serving -> stillGood(serving, authority, names, now)));
        return new Plan(living, successor, signer, keep);
    }

    /** The material that should be there now; equal to what exists when nothing is due. */
    public Material renew(Material.Existing existing, Instant now) {
        var plan = plan(existing, names, now);
        var authorities = new ArrayList<>(plan.authorities());
        if (plan.successor()) {
            authorities.add(certificates.authority(now, AUTHORITY_LIFE));
        }
        var signer = plan.signer().orElseGet(authorities::getLast);
        var serving = plan.serving().orElseGet(() -> certificates.serving(signer, names, now, SERVING_LIFE));
        return new Material(authorities, serving, existing.sessionKey().orElseGet(this::newSessionKey));
    }

    /** The newest authority every pod knows by now; where none is old enough, the oldest. */
    private static Optional<KeyPairPem> signer(List<KeyPairPem> living, Instant now) {
        var trusted = living.stream()
                .filter(authority -> !born(authority).plus(OVERLAP).isAfter(now))
                .toList();
        return trusted.isEmpty() ? living.stream().findFirst() : Optional.of(trusted.getLast());
    }

    private static boolean stillGood(KeyPairPem serving, KeyPairPem signer, List<String> names, Instant now) {
        var born = born(serving);
        var renewal = born.plus(
                Duration.between(born, serving.notAfter()).multipliedBy(2).dividedBy(3));
        var certificate = serving.x509();
        return now.isBefore(renewal)
                && Certificates.signedBy(certificate, signer.x509())
                && dnsNames(certificate).equals(names);
    }

    private static Instant born(KeyPairPem pair) {
        return pair.notBefore().plus(Certificates.BACKDATED);
    }

    private static List<String> dnsNames(X509Certificate certificate) {
        try {
            var alternatives = certificate.getSubjectAlternativeNames();
            return alternatives == null
                    ? List.of()
                    : alternatives.stream()
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException malformed) {
            return List.of();
        }
    }

    private String newSessionKey() {
        var key = new byte[32];
        random.nextBytes(key);
        return HexFormat.of().formatHex(key);
    }

    /** Authorities to keep, whether one more is due, who signs (nobody: the new one), and the serving certificate if it stays. */
    record Plan(
            List<KeyPairPem> authorities,
            boolean successor,
            Optional<KeyPairPem> signer,
            Optional<KeyPairPem> serving) {}
}
