package dev.corral.operator.render;

import dev.corral.operator.permission.PeerGrant;
import dev.corral.operator.permission.Ports;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.Installation;
import dev.corral.operator.policy.CidrRule;
import dev.corral.operator.policy.EffectivePermissions;
import dev.corral.operator.policy.ServiceDefinition;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The network of plugin pods: one deny-all policy per namespace, laid down before the first pod, and one additive policy per network
 * class. Policies only add up, so a lost or late additive policy closes, never opens.
 */
public final class NetworkPolicyRenderer {
    private final Installation installation;

    public NetworkPolicyRenderer(Installation installation) {
        this.installation = installation;
    }

    /** Nothing in, nothing out, for every plugin pod of the namespace. */
    public static NetworkPolicy defaultDeny(String namespace) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName(ObjectNames.DEFAULT_DENY)
                .withNamespace(namespace)
                .withLabels(Map.of(OwnedLabels.MANAGED_BY, OwnedLabels.CORRAL))
                .endMetadata()
                .withNewSpec()
                .withPodSelector(selector(Map.of(OwnedLabels.PLUGIN_POD, "true")))
                .withPolicyTypes("Ingress", "Egress")
                .endSpec()
                .build();
    }

    /** What the pods of the plan's network class may reach: the gateway, and what policy grants. */
    public NetworkPolicy forClass(ExecutionPlan plan) {
        return forClass(plan.run().namespace(), plan.networkClass(), plan.permissions());
    }

    /** The same for pods that are there already: the class is that of these permissions. */
    public NetworkPolicy forClass(String namespace, String networkClass, EffectivePermissions permissions) {
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName(ObjectNames.networkPolicy(networkClass))
                .withNamespace(namespace)
                .withLabels(Map.of(OwnedLabels.MANAGED_BY, OwnedLabels.CORRAL, OwnedLabels.NETWORK_CLASS, networkClass))
                .endMetadata()
                .withNewSpec()
                .withPodSelector(
                        selector(Map.of(OwnedLabels.PLUGIN_POD, "true", OwnedLabels.NETWORK_CLASS, networkClass)))
                .withPolicyTypes("Egress")
                .withEgress(egress(permissions))
                .endSpec()
                .build();
    }

    private List<NetworkPolicyEgressRule> egress(EffectivePermissions permissions) {
        List<NetworkPolicyEgressRule> rules = new ArrayList<>();
        List<NetworkPolicyPort> gateway = new ArrayList<>();
        gateway.add(port(Installation.LAUNCHER_PORT, Installation.LAUNCHER_PORT, "TCP"));
        if (!permissions.hosts().isEmpty()) {
            gateway.add(port(Installation.TUNNEL_PORT, Installation.TUNNEL_PORT, "TCP"));
        }
        rules.add(rule(pods(installation.namespace(), OwnedLabels.GATEWAY), gateway));
        for (CidrRule cidr : permissions.cidrs()) {
            rules.add(rule(block(cidr), List.of(port(cidr.grant().ports()))));
        }
        for (PeerGrant peer : permissions.peers()) {
            NetworkPolicyPeer sameNamespace = new NetworkPolicyPeerBuilder()
                    .withPodSelector(selector(peer.labels()))
                    .build();
            rules.add(rule(sameNamespace, List.of(port(peer.ports()))));
        }
        for (ServiceDefinition service : permissions.services()) {
            rules.add(rule(
                    pods(service.namespace(), service.podLabels()),
                    service.ports().stream().map(NetworkPolicyRenderer::port).toList()));
        }
        return List.copyOf(rules);
    }

    private static NetworkPolicyEgressRule rule(NetworkPolicyPeer to, List<NetworkPolicyPort> ports) {
        return new NetworkPolicyEgressRuleBuilder().withTo(to).withPorts(ports).build();
    }

    private static NetworkPolicyPeer pods(String namespace, Map<String, String> labels) {
        return new NetworkPolicyPeerBuilder()
                .withNamespaceSelector(selector(Map.of("kubernetes.io/metadata.name", namespace)))
                .withPodSelector(selector(labels))
                .build();
    }

    private static NetworkPolicyPeer block(CidrRule cidr) {
        IPBlock block = new IPBlock(
                cidr.grant().block().toString(),
                cidr.except().stream().map(Object::toString).toList());
        return new NetworkPolicyPeerBuilder().withIpBlock(block).build();
    }

    private static NetworkPolicyPort port(Ports ports) {
        return port(ports.from(), ports.to(), ports.protocol().name());
    }

    private static NetworkPolicyPort port(int from, int to, String protocol) {
        NetworkPolicyPortBuilder port = new NetworkPolicyPortBuilder().withProtocol(protocol);
        if (from == 1 && to == 65535) {
            return port.build();
        }
        port.withPort(new IntOrString(from));
        return from == to ? port.build() : port.withEndPort(to).build();
    }

    private static LabelSelector selector(Map<String, String> labels) {
        return new LabelSelectorBuilder().withMatchLabels(labels).build();
    }
}
