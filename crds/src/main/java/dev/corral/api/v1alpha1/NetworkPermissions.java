package dev.corral.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a handler may connect to. {@code hosts}, {@code denyHosts}: {@code name[:port[-port]]}; {@code cidrs}: {@code CIDR:port[-port][/udp]};
 * {@code peers}: {@code label=value[,label=value]:port[/udp]}, pods of the same namespace; {@code services}: names an administrator defined.
 */
@ApiObject
public record NetworkPermissions(
        @JsonPropertyDescription(
                "DNS names as name:port; *. takes every name below. No port: 443, under denies every port. Default: none. Example: docs.example.org:443.")
        @Size(max = 128)
        @ValidationRule(value = Rule.HOSTS_WITHIN_253, message = Rule.HOSTS_WITHIN_253_MESSAGE)
        @ValidationRule(value = Rule.PORTS_IN_ORDER, message = Rule.PORTS_IN_ORDER_MESSAGE)
        @Nullable
        List<@Size(max = 260) @Pattern(Grammar.HOST) String> hosts,

        @JsonPropertyDescription(
                "Names it may not reach though hosts has them; no port: every port. Default: none. Example: admin.example.org.")
        @Size(max = 128)
        @ValidationRule(value = Rule.HOSTS_WITHIN_253, message = Rule.HOSTS_WITHIN_253_MESSAGE)
        @ValidationRule(value = Rule.PORTS_IN_ORDER, message = Rule.PORTS_IN_ORDER_MESSAGE)
        @Nullable
        List<@Size(max = 260) @Pattern(Grammar.HOST) String> denyHosts,

        @JsonPropertyDescription(
                "Addresses as CIDR:port[-port][/udp], port * is every port. No /udp: TCP, under denies both. Default: none. Example: 203.0.113.0/24:8000-8080.")
        @Size(max = 64)
        @ValidationRule(value = Rule.BLOCKS, message = Rule.BLOCKS_MESSAGE)
        @ValidationRule(value = Rule.PORTS_IN_ORDER, message = Rule.PORTS_IN_ORDER_MESSAGE)
        @Nullable
        List<@Size(max = 64) @Pattern(Grammar.CIDR) String> cidrs,

        @JsonPropertyDescription(
                "Pods of this namespace as label=value[,label=value]:port[-port][/udp]. No /udp: TCP, under denies both. Default: none. Example: app=cache:6379.")
        @Size(max = 32)
        @ValidationRule(value = Rule.PEER_LABELS, message = Rule.PEER_LABELS_MESSAGE)
        @ValidationRule(value = Rule.PORTS_IN_ORDER, message = Rule.PORTS_IN_ORDER_MESSAGE)
        @Nullable
        List<@Size(max = 512) @Pattern(Grammar.PEER) String> peers,

        @JsonPropertyDescription(
                "Names that an administrator defined in a ClusterPluginPolicy. Default: none. Example: orders-db.")
        @Size(max = 32)
        @Nullable
        List<@Size(max = 63) @Pattern(Grammar.LABEL) String> services) {}
