package dev.corral.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.api.v1alpha1.CorralCluster;
import dev.corral.operator.cluster.ClusterLedger;
import dev.corral.operator.cluster.InstallationSource;
import dev.corral.operator.cluster.MockedApi;
import dev.corral.operator.cluster.TrustKeeper;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.tls.CertificateAuthority;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControllerRoleTest {
    private final MockedApi api = new MockedApi();

    @AfterEach
    void close() {
        api.close();
    }

    /** Whatever else fails: this API server has no gateway's service and takes no Secrets. */
    @Test
    void aCorralClusterThatSomebodyDeletedIsMadeAgain() {
        var object = "/apis/corral.dev/v1alpha1/corralclusters/cluster?fieldManager=corral-controller&force=true";
        api.answer("PATCH", object, 201, new CorralCluster());
        var trust = new TrustKeeper(
                api.client(), "corral-system", new CertificateAuthority("corral-system", new SecureRandom()));
        var source = new InstallationSource(
                api.client(), trust, "corral-system", "launcher", LauncherDelivery.InitCopy, "0.1.0");

        ControllerRole.freshen(source, new ClusterLedger(api.client(), "corral-system"), InstantSource.system());

        assertThat(IntStream.range(0, api.requests()).mapToObj(i -> api.sent().line()))
                .contains("PATCH " + object, "GET /api/v1/namespaces/corral-system/secrets/corral-ca");
    }
}
