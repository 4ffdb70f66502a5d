package dev.corral.operator.cluster;

import dev.corral.operator.plan.Installation;
import dev.corral.operator.plan.Installation.LauncherDelivery;
import dev.corral.operator.tls.Material;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.V1AdmissionRegistrationAPIGroupDSL;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/** What plans of this installation share, renewed from time to time: where the gateway is, whom to trust for it, and what guards its pods. */
public final class InstallationSource {
    private final KubernetesClient client;
    private final TrustKeeper trust;
    private final String namespace;
    private final String launcherImage;
    private volatile LauncherDelivery delivery;
    private final String version;
    private volatile Optional<Known> known = Optional.empty();

    /** One generation of it. */
    private record Known(Installation installation, byte[] sessionMaster) {}

    public InstallationSource(
            KubernetesClient client,
            TrustKeeper trust,
            String namespace,
            String launcherImage,
            LauncherDelivery delivery,
            String version) {
        this.client = client;
        this.trust = trust;
        this.namespace = namespace;
        this.launcherImage = launcherImage;
        this.delivery = delivery;
        this.version = version;
    }

    /** Reads, and where it is due renews, certificates; reads the gateway's address and which guard there is. */
    public void refresh(Instant now) {
        Material material = trust.keep(now);
        Service gateway = client.services()
                .inNamespace(namespace)
                .withName(Installation.GATEWAY_SERVICE)
                .get();
        if (gateway == null || gateway.getSpec().getClusterIP() == null) {
            throw new IllegalStateException("service " + Installation.GATEWAY_SERVICE + " has no address yet");
        }
        Installation installation = new Installation(
                namespace,
                launcherImage,
                delivery,
                gateway.getSpec().getClusterIP(),
                material.bundle(),
                version,
                guard().or(() -> known.map(Known::installation).map(Installation::guard))
                        .orElse(""));
        known = Optional.of(new Known(installation, HexFormat.of().parseHex(material.sessionKey())));
    }

    /**
     * Without it anybody makes pods that pass for ours: that very guard, which taken away and written again is another one. The others come and
     * go with it.
     */
    private Optional<String> guard() {
        String name = ClusterLedger.named("corral-pod-guard", namespace);
        V1AdmissionRegistrationAPIGroupDSL admission =
                client.admissionRegistration().v1();
        HasMetadata policy =
                admission.validatingAdmissionPolicies().withName(name).get();
        HasMetadata binding =
                admission.validatingAdmissionPolicyBindings().withName(name).get();
        return policy == null || binding == null
                ? Optional.empty()
                : Optional.of(policy.getMetadata().getUid() + " "
                        + binding.getMetadata().getUid());
    }

    /** As of the last refresh. */
    public Installation installation() {
        return known.orElseThrow(() -> new IllegalStateException("not refreshed yet"))
                .installation()
                .with(delivery);
    }

    /** From now on launchers come into pods this way. */
    public void deliver(LauncherDelivery chosen) {
        delivery = chosen;
    }

    /** The master of all session keys; opens sealed reports. */
    public byte[] sessionMaster() {
        return known.orElseThrow(() -> new IllegalStateException("not refreshed yet"))
                .sessionMaster()
                .clone();
    }
}
