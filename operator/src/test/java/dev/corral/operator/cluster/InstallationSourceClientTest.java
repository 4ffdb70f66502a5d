package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.tls.CertificateAuthority;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBindingBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBuilder;
import java.security.SecureRandom;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which guard there is. Without one an installation is one all the same. */
class InstallationSourceClientTest {
    private static final String GUARDS = "/apis/admissionregistration.k8s.io/v1/";
    private static final String SECRETS = "/api/v1/namespaces/team/secrets";
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final MockedApi api = new MockedApi();
    private final InstallationSource source = new InstallationSource(
            api.client(),
            new TrustKeeper(api.client(), "team", new CertificateAuthority("team", new SecureRandom())),
            "team",
            "launcher",
            LauncherDelivery.InitCopy,
            "test");

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aGuardThatWasWrittenAgainIsAnother() {
        refresh();
        assertThat(source.installation().guard()).isEmpty();

        guard("policy-1", "binding-1");
        refresh();
        var first = source.installation().guard();
        guard("policy-1", "binding-2");
        refresh();
        var second = source.installation().guard();
        guard("policy-2", "binding-2");
        refresh();

        assertThat(first).contains("policy-1").contains("binding-1");
        assertThat(second).isNotIn("", first);
        assertThat(source.installation().guard()).isNotIn("", first, second);
    }

    /** What waits is not drained twice for it. */
    @Test
    void aGuardThatIsGoneIsTheLastOneStill() {
        guard("policy-1", "binding-1");
        refresh();
        var before = source.installation().guard();

        refresh();

        assertThat(source.installation().guard()).isEqualTo(before).isNotEmpty();
    }

    private void guard(String policyUID, String bindingUID) {
        api.answer(
                "GET",
                GUARDS + "validatingadmissionpolicies/corral-pod-guard.team",
                200,
                new ValidatingAdmissionPolicyBuilder()
                        .withNewMetadata()
                        .withUid(policyUID)
                        .endMetadata()
                        .build());
        api.answer(
                "GET",
                GUARDS + "validatingadmissionpolicybindings/corral-pod-guard.team",
                200,
                new ValidatingAdmissionPolicyBindingBuilder()
                        .withNewMetadata()
                        .withUid(bindingUID)
                        .endMetadata()
                        .build());
    }

    private void refresh() {
        for (var i = 0; i < 3; i++) {
            api.answer("POST", SECRETS, 201, new Secret());
        }
        api.answer(
                "GET",
                "/api/v1/namespaces/team/services/corral-gateway",
                200,
                new ServiceBuilder()
                        .withNewSpec()
                        .withClusterIP("10.96.0.50")
                        .endSpec()
                        .build());
        source.refresh(NOW);
    }
}
