package dev.corral.operator.render;

import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.PodDNSConfig;
import io.fabric8.kubernetes.api.model.PodDNSConfigBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SeccompProfileBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Sysctl;
import java.util.List;
import java.util.OptionalInt;

/**
 * Every security field of a plugin pod, one per line, and nowhere else. The chart's {@code corral-pod-shape} admission policy says the
 * same in CEL and holds the controller's own account to it. Left out on purpose: AppArmor (the runtime's default profile applies where
 * the node has AppArmor; naming it makes pods fail where it has not) and a Localhost seccomp profile (the launcher installs its own filter).
 */
final class PodSecurity {
    /** Of the pod's own network namespace, safe as Kubernetes counts; the alternative is NET_BIND_SERVICE for every process. */
    private static final String LOW_PORTS = "net.ipv4.ip_unprivileged_port_start";

    private PodSecurity() {}

    /** {@code lowestPort}: where granted names are listened for on loopback below the ports that are everybody's. */
    static void harden(PodSpec pod, long uid, OptionalInt lowestPort) {
        pod.setHostUsers(false); // root inside is nobody outside (KEP-127)
        pod.setHostNetwork(false); // the host's network is outside every NetworkPolicy
        pod.setHostPID(false);
        pod.setHostIPC(false);
        pod.setShareProcessNamespace(false);
        pod.setServiceAccountName(ObjectNames.SERVICE_ACCOUNT); // bound to nothing
        pod.setAutomountServiceAccountToken(false); // the only token is the launcher's, audience-bound
        pod.setEnableServiceLinks(false); // no inventory of the namespace's services in the environment
        pod.setDnsPolicy("None"); // names would be a way out: 127.0.0.1 answers nothing
        pod.setDnsConfig(noDns());
        pod.setRestartPolicy("Never"); // at most one start
        pod.setSecurityContext(podContext(uid, lowestPort));
        pod.getContainers().forEach(container -> container.setSecurityContext(containerContext(uid)));
        pod.getInitContainers().forEach(container -> container.setSecurityContext(containerContext(uid)));
    }

    private static PodSecurityContext podContext(long uid, OptionalInt lowestPort) {
        return new PodSecurityContextBuilder()
                .withRunAsNonRoot(true)
                .withRunAsUser(uid) // numeric, never the image's USER (CVE-2024-40635)
                .withRunAsGroup(uid)
                .withFsGroup(uid) // secrets are 0440 root:fsGroup
                .withFsGroupChangePolicy("OnRootMismatch")
                .withSupplementalGroupsPolicy("Strict") // ignore the image's /etc/group (KEP-3619)
                .withSeccompProfile(
                        new SeccompProfileBuilder().withType("RuntimeDefault").build())
                .withSysctls(
                        lowestPort.isPresent()
                                ? List.of(new Sysctl(LOW_PORTS, Integer.toString(lowestPort.getAsInt())))
                                : List.of())
                .build();
    }

    private static SecurityContext containerContext(long uid) {
        Capabilities none = new Capabilities();
        none.setDrop(List.of("ALL"));
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false) // no_new_privs, also Landlock's precondition
                .withPrivileged(false)
                .withCapabilities(none)
                .withReadOnlyRootFilesystem(true)
                .withRunAsNonRoot(true)
                .withRunAsUser(uid)
                .withRunAsGroup(uid)
                .withSeccompProfile(
                        new SeccompProfileBuilder().withType("RuntimeDefault").build())
                .build();
    }

    private static PodDNSConfig noDns() {
        return new PodDNSConfigBuilder().withNameservers("127.0.0.1").build();
    }
}
