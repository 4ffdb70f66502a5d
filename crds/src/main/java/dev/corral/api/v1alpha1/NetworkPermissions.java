package dev.corral.api.v1alpha1;

import java.util.List;

/**
 * Where a handler may connect to. {@code hosts}, {@code denyHosts}: {@code name:port}; {@code cidrs}: {@code CIDR:port[-port][/udp]};
 * {@code peers}: {@code label=value[,label=value]:port[/udp]}, pods of the same namespace; {@code services}: names an administrator defined.
 */
public record NetworkPermissions(
        List<String> hosts, List<String> denyHosts, List<String> cidrs, List<String> peers, List<String> services) {}
