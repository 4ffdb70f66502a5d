package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.corral.operator.tls.CertificateAuthority;
import dev.corral.operator.tls.Material;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three Secrets, made once, whoever comes first; what another controller wrote meanwhile is never overwritten. */
class TrustKeeperClientTest {
    private static final String SECRETS = "/api/v1/namespaces/corral-system/secrets";
    private static final String CA = SECRETS + "/corral-ca";
    private static final String SESSION = SECRETS + "/corral-session-key";
    private static final String SERVING = SECRETS + "/corral-gateway-tls";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final MockedApi api = new MockedApi();
    private final CertificateAuthority authority = new CertificateAuthority("corral-system", new SecureRandom());
    private final TrustKeeper keeper = new TrustKeeper(api.client(), "corral-system", authority);

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void allThreeAreMadeTheAuthorityFirst() {
        IntStream.range(0, 3).forEach(i -> api.answer("POST", SECRETS, 201, new Secret()));

        var material = keeper.keep(NOW);

        assertThat(lines(3)).containsExactly("GET " + CA, "GET " + SESSION, "GET " + SERVING);
        made("corral-ca", material.caSecret());
        made("corral-session-key", material.sessionSecret());
        made("corral-gateway-tls", material.servingSecret());
    }

    @Test
    void whatIsThereAndGoodIsLeftAlone() {
        var material = authority.renew(Material.Existing.nothing(), NOW);
        stored(material, "1");

        assertThat(keeper.keep(NOW.plus(Duration.ofDays(1))).sessionKey()).isEqualTo(material.sessionKey());

        assertThat(lines(3)).containsExactly("GET " + CA, "GET " + SESSION, "GET " + SERVING);
        assertThat(api.requests()).isEqualTo(3);
    }

    @Test
    void aRenewalReplacesTheVeryVersionThatWasRead() {
        var old = authority.renew(Material.Existing.nothing(), NOW);
        stored(old, "41");
        api.answer("PUT", CA, 200, new Secret());
        api.answer("PUT", SERVING, 200, new Secret());
        var later = NOW.plus(Duration.ofDays(365 * 3));

        var renewed = keeper.keep(later);

        assertThat(renewed.sessionKey()).as("sessions outlive certificates").isEqualTo(old.sessionKey());
        lines(3);
        for (var path : List.of(CA, SERVING)) {
            var sent = api.sent();
            assertThat(sent.line()).isEqualTo("PUT " + path);
            assertThat(sent.body().at("/metadata/resourceVersion").asText()).isEqualTo("41");
        }
    }

    @Test
    void whoLosesTheRaceGoesOnFromWhatTheOtherMade() {
        var others = authority.renew(Material.Existing.nothing(), NOW);
        api.refuse("GET", CA, 404);
        api.refuse("GET", SESSION, 404);
        api.refuse("GET", SERVING, 404);
        api.refuse("POST", SECRETS, 409);
        stored(others, "1");

        assertThat(keeper.keep(NOW).sessionKey()).isEqualTo(others.sessionKey());
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 422, 500})
    void anyOtherAnswerIsTheCallersToRepeat(int code) {
        api.refuse("POST", SECRETS, code);
        assertThatThrownBy(() -> keeper.keep(NOW)).isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void aRaceThatNeverEndsIsSaid() {
        IntStream.range(0, 10).forEach(i -> api.refuse("POST", SECRETS, 409));
        assertThatThrownBy(() -> keeper.keep(NOW)).isInstanceOf(IllegalStateException.class);
    }

    private void made(String name, Map<String, String> content) {
        var sent = api.sent();
        assertThat(sent.line()).isEqualTo("POST " + SECRETS);
        assertThat(sent.body().at("/metadata/name").asText()).isEqualTo(name);
        assertThat(sent.body().at("/metadata/resourceVersion").isMissingNode()).isTrue();
        assertThat(sent.body().path("type").asText()).isEqualTo("Opaque");
        assertThat(sent.body().path("stringData")).isEqualTo(MockedApi.JSON.valueToTree(content));
    }

    private List<String> lines(int count) {
        return IntStream.range(0, count).mapToObj(i -> api.sent().line()).toList();
    }

    private void stored(Material material, String version) {
        api.answer("GET", CA, 200, secret(material.caSecret(), version));
        api.answer("GET", SESSION, 200, secret(material.sessionSecret(), version));
        api.answer("GET", SERVING, 200, secret(material.servingSecret(), version));
    }

    private static Secret secret(Map<String, String> content, String version) {
        var encoded = new TreeMap<String, String>();
        content.forEach((key, value) ->
                encoded.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        return new SecretBuilder()
                .withNewMetadata()
                .withName("x")
                .withResourceVersion(version)
                .endMetadata()
                .withData(encoded)
                .build();
    }
}
