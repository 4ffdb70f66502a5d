package dev.corral.operator.cluster;

import dev.corral.operator.tls.CertificateAuthority;
import dev.corral.operator.tls.Material;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps certificate authority, serving certificate and session key in three Secrets of the operator's own namespace. Two controllers
 * may do it at once: whoever loses a write reads again and goes on from what the other made.
 */
public final class TrustKeeper {
    private static final Logger log = LoggerFactory.getLogger(TrustKeeper.class);
    private static final int ATTEMPTS = 10;

    private final KubernetesClient client;
    private final String namespace;
    private final CertificateAuthority authority;

    public TrustKeeper(KubernetesClient client, String namespace, CertificateAuthority authority) {
        this.client = client;
        this.namespace = namespace;
        this.authority = authority;
    }

    /** What should be there at this time, made and stored where it is not. */
    public Material keep(Instant now) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Optional<Secret> ca = read(Material.CA_SECRET);
            Optional<Secret> session = read(Material.SESSION_SECRET);
            Optional<Secret> serving = read(Material.SERVING_SECRET);
            Material.Existing existing = Material.read(data(ca), data(serving), data(session));
            Material material = authority.renew(existing, now);
            // the authority first: what it signed must never be there without it
            if (write(Material.CA_SECRET, ca, material.caSecret())
                    && write(Material.SESSION_SECRET, session, material.sessionSecret())
                    && write(Material.SERVING_SECRET, serving, material.servingSecret())) {
                return material;
            }
        }
        throw new IllegalStateException("the Secrets of the gateway are being written by somebody else all the time");
    }

    private Optional<Secret> read(String name) {
        return Optional.ofNullable(
                client.secrets().inNamespace(namespace).withName(name).get());
    }

    private static Map<String, String> data(Optional<Secret> secret) {
        Map<String, String> decoded = new HashMap<>();
        @Nullable Map<String, String> data = secret.map(Secret::getData).orElse(null);
        if (data != null) {
            data.forEach((key, value) ->
                    decoded.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        return decoded;
    }

    /** False if somebody else wrote since we read. */
    private boolean write(String name, Optional<Secret> before, Map<String, String> wanted) {
        if (before.isPresent() && data(before).equals(wanted)) {
            return true;
        }
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(Map.of("app.kubernetes.io/managed-by", "corral"))
                .withResourceVersion(before.map(found -> found.getMetadata().getResourceVersion())
                        .orElse(null))
                .endMetadata()
                .withType("Opaque")
                .withStringData(wanted)
                .build();
        try {
            if (before.isPresent()) {
                client.resource(secret).update();
            } else {
                client.resource(secret).create();
            }
            log.atInfo().addKeyValue("secret", name).log("secret written");
            return true;
        } catch (KubernetesClientException failure) {
            if (ClusterErrors.kind(failure) == ClusterErrors.Kind.Conflict) {
                return false;
            }
            throw failure;
        }
    }
}
