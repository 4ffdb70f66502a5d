package dev.corral.operator.decide;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Nodes that enforce alike: same architecture, kernel, runtime and kubelet. {@code hostname} is one of them, to probe on. */
record NodeClass(String text, String hostname) {
    private static final String HOSTNAME = "kubernetes.io/hostname";

    /** One per class, of the nodes a plugin pod without tolerations could land on, in the order of their text. */
    static List<NodeClass> of(List<Node> nodes) {
        Map<String, NodeClass> classes = new TreeMap<>();
        nodes.stream()
                .filter(NodeClass::takesPods)
                .map(node -> new NodeClass(
                        text(node),
                        String.valueOf(node.getMetadata().getLabels().get(HOSTNAME))))
                .sorted((one, other) -> one.hostname().compareTo(other.hostname()))
                .forEach(found -> classes.putIfAbsent(found.text(), found));
        return List.copyOf(classes.values());
    }

    private static boolean takesPods(Node node) {
        return node.getStatus() != null
                && node.getStatus().getNodeInfo() != null
                && node.getMetadata().getLabels() != null
                && node.getMetadata().getLabels().containsKey(HOSTNAME)
                && (node.getSpec() == null
                        || !Boolean.TRUE.equals(node.getSpec().getUnschedulable())
                                && node.getSpec().getTaints().stream()
                                        .noneMatch(taint -> !"PreferNoSchedule".equals(taint.getEffect())));
    }

    static String text(Node node) {
        NodeSystemInfo info = node.getStatus().getNodeInfo();
        return info.getArchitecture() + " kernel " + info.getKernelVersion() + " " + info.getContainerRuntimeVersion()
                + " kubelet " + info.getKubeletVersion();
    }
}
