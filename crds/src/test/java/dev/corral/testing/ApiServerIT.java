package dev.corral.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What tests of other modules rely on. */
class ApiServerIT {
    @Test
    void rolesDecideAndNothingIsLeftBehind() throws InterruptedException {
        Path kubeconfig;
        try (var server = ApiServer.start(ApiServer.Authorization.RBAC)) {
            kubeconfig = server.kubeconfig();
            server.createNamespace("team-a");
            var tenant = server.clientAs("tina", "tenants");
            assertThatThrownBy(() -> tenant.configMaps().inNamespace("team-a").list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            refusal -> assertThat(refusal.getCode()).isEqualTo(403));

            var admin = server.client();
            admin.resource(new ClusterRoleBindingBuilder()
                            .withNewMetadata()
                            .withName("tenants")
                            .endMetadata()
                            .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "system:aggregate-to-view")
                            .addNewSubject("rbac.authorization.k8s.io", "Group", "tenants", null)
                            .build())
                    .create();
            assertThat(tenant.configMaps().inNamespace("team-a").list().getItems())
                    .isEmpty();
            assertThat(admin.serviceAccounts()
                            .inNamespace("team-a")
                            .withName("default")
                            .get())
                    .isNotNull();
        }
        assertThat(Files.exists(kubeconfig.getParent())).isFalse();
    }

    /** The authorizer learns of a binding by a watch. */
    private static boolean eventuallyAllowed(Runnable request) throws InterruptedException {
        for (var attempt = 0; attempt < 100; attempt++) {
            try {
                request.run();
                return true;
            } catch (KubernetesClientException refusal) {
                Thread.sleep(100);
            }
        }
        return false;
    }
}
