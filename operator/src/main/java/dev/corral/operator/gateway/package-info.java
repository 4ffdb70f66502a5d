/**
 * The gateway's one job: talk to launchers (docs/protocol.md), take in what plugins produce, limits before parsing, and hand finished
 * artifacts to authorised readers. It decides nothing. Neighbours: {@code cluster} implements {@link
 * dev.corral.operator.gateway.GatewayCluster}, {@code tls} makes the certificate it serves.
 */
@NullMarked
package dev.corral.operator.gateway;

import org.jspecify.annotations.NullMarked;
