package dev.corral.operator.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CertificateAuthorityTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private final CertificateAuthority authority = new CertificateAuthority("corral", new SecureRandom());

    @Test
    void theFirstMaterialServesBothNames() {
        var material = authority.renew(Material.Existing.nothing(), START);

        assertThat(material.authorities()).hasSize(1);
        assertThat(material.authorities().getFirst().notAfter()).isEqualTo(START.plus(Duration.ofDays(730)));
        assertThat(material.serving().notAfter()).isEqualTo(START.plus(Duration.ofDays(90)));
        assertThat(signs(material.authorities().getFirst(), material.serving())).isTrue();
        assertThat(names(material.serving())).containsExactly("corral-gateway", "corral-gateway.corral.svc");
        assertThat(material.sessionKey()).hasSize(64);
        assertThat(material.authorities().getFirst().x509().getBasicConstraints())
                .isZero();
        assertThat(material.serving().x509().getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void whatNeedsNoRenewalStaysToTheByte() {
        var material = authority.renew(Material.Existing.nothing(), START);
        var read = Material.read(material.caSecret(), material.servingSecret(), material.sessionSecret());

        assertThat(authority.renew(read, START.plus(Duration.ofDays(59)))).isEqualTo(material);
    }

    @Test
    void theServingCertificateIsRenewedAtTwoThirds() {
        var material = authority.renew(Material.Existing.nothing(), START);

        var later = authority.renew(Material.Existing.of(material), START.plus(Duration.ofDays(60)));

        assertThat(later.serving()).isNotEqualTo(material.serving());
        assertThat(later.authorities()).isEqualTo(material.authorities());
        assertThat(later.sessionKey()).isEqualTo(material.sessionKey());
    }

    @Test
    void aNewAuthorityJoinsThenSignsThenTheOldOneLeaves() {
        var first = authority.renew(Material.Existing.nothing(), START);
        var old = first.authorities().getFirst();

        var before = at(first, 669);
        assertThat(before.authorities()).containsExactly(old);

        var joined = at(before, 670);
        assertThat(joined.authorities()).hasSize(2).startsWith(old);
        assertThat(signs(old, joined.serving()))
                .as("old pods know only the old one")
                .isTrue();
        var successor = joined.authorities().getLast();

        var stillOld = at(joined, 699);
        assertThat(signs(old, stillOld.serving())).isTrue();

        var signed = at(stillOld, 700);
        assertThat(signed.authorities()).containsExactly(old, successor);
        assertThat(signs(successor, signed.serving())).isTrue();

        assertThat(at(signed, 729).authorities()).containsExactly(old, successor);
        var left = at(signed, 730);
        assertThat(left.authorities()).containsExactly(successor);
        assertThat(left.sessionKey()).isEqualTo(first.sessionKey());
    }

    /** Day by day through five years: the serving certificate is valid, and known to every pod that can still live. */
    @Test
    void onEveryDayEveryLivingPodTrustsWhatIsServed() {
        var material = authority.renew(Material.Existing.nothing(), START);
        var bundles = new java.util.ArrayDeque<List<KeyPairPem>>();
        for (var day = 0; day < 5 * 365; day++) {
            var now = START.plus(Duration.ofDays(day));
            material = authority.renew(Material.Existing.of(material), now);
            bundles.addLast(material.authorities());
            if (bundles.size() > 30) {
                bundles.removeFirst();
            }
            var serving = material.serving();
            assertThat(serving.notAfter()).isAfter(now);
            for (var bundle : bundles) {
                assertThat(bundle.stream().anyMatch(known -> known.notAfter().isAfter(now) && signs(known, serving)))
                        .as("day " + day)
                        .isTrue();
            }
        }
    }

    @Test
    void afterALongAbsenceItGoesOnAtOnce() {
        var first = authority.renew(Material.Existing.nothing(), START);

        var late = at(first, 725);
        assertThat(late.authorities()).hasSize(2);
        assertThat(signs(first.authorities().getFirst(), late.serving())).isTrue();
        assertThat(late.serving().notAfter())
                .isEqualTo(first.authorities().getFirst().notAfter());

        var tooLate = at(first, 1000);
        assertThat(tooLate.authorities())
                .hasSize(1)
                .doesNotContain(first.authorities().getFirst());
        assertThat(signs(tooLate.authorities().getFirst(), tooLate.serving())).isTrue();
    }

    @Test
    void whatCannotBeReadIsMadeAnewAndTheRestStays() {
        var material = authority.renew(Material.Existing.nothing(), START);
        var stranger = authority.renew(Material.Existing.nothing(), START);

        var mixedUp = Map.of(
                "tls.crt",
                material.serving().certificate(),
                "tls.key",
                stranger.serving().key());
        var existing = Material.read(material.caSecret(), mixedUp, Map.of("master", "short"));
        assertThat(existing.serving()).isEmpty();
        assertThat(existing.sessionKey()).isEmpty();
        var mended = authority.renew(existing, START);
        assertThat(mended.authorities()).isEqualTo(material.authorities());
        assertThat(signs(material.authorities().getFirst(), mended.serving())).isTrue();

        var garbage = Material.read(Map.of("ca.crt", "x", "ca.key", "-----BEGIN"), Map.of(), Map.of());
        assertThat(garbage).isEqualTo(Material.Existing.nothing());
        var damaged = Material.read(
                Map.of(
                        "ca.crt",
                        material.bundle().replace("M", "A"),
                        "ca.key",
                        material.caSecret().get("ca.key")),
                material.servingSecret(),
                material.sessionSecret());
        assertThat(authority.renew(damaged, START).authorities()).hasSize(1);
    }

    @Test
    void anAuthorityThatCannotBeDecodedIsMadeAnewAndTheOthersStay() {
        var material = authority.renew(Material.Existing.nothing(), START);
        var broken = "-----BEGIN CERTIFICATE-----\nMIIBA\n-----END CERTIFICATE-----\n";
        var kept = material.caSecret();
        var found = Material.read(
                Map.of("ca.crt", broken + kept.get("ca.crt"), "ca.key", broken + kept.get("ca.key")),
                Map.of(),
                Map.of());
        assertThat(found.authorities()).isEqualTo(material.authorities());
        assertThat(Material.read(Map.of("ca.crt", broken, "ca.key", broken), Map.of(), Map.of())
                        .authorities())
                .isEmpty();
    }

    @Test
    void aServingCertificateOfAnotherNamespaceIsReplaced() {
        var material = authority.renew(Material.Existing.nothing(), START);
        var moved =
                new CertificateAuthority("elsewhere", new SecureRandom()).renew(Material.Existing.of(material), START);
        assertThat(names(moved.serving())).contains("corral-gateway.elsewhere.svc");
        assertThat(moved.authorities()).isEqualTo(material.authorities());
    }

    @Test
    void noKeyShowsInText() {
        var material = authority.renew(Material.Existing.nothing(), START);
        assertThat(List.of(
                                material,
                                material.serving(),
                                Optional.of(material.authorities().getFirst()))
                        .toString())
                .doesNotContain("PRIVATE")
                .doesNotContain(material.sessionKey());
        assertThat(Material.Existing.of(material).toString()).doesNotContain(material.sessionKey());
    }

    private Material at(Material material, int day) {
        return authority.renew(Material.Existing.of(material), START.plus(Duration.ofDays(day)));
    }

    private static boolean signs(KeyPairPem authority, KeyPairPem serving) {
        return Certificates.signedBy(serving.x509(), authority.x509());
    }

    private static List<String> names(KeyPairPem serving) {
        try {
            return serving.x509().getSubjectAlternativeNames().stream()
                    .map(name -> (String) name.get(1))
                    .toList();
        } catch (java.security.cert.CertificateParsingException malformed) {
            throw new IllegalStateException(malformed);
        }
    }
}
