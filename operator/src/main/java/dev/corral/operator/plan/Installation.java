package dev.corral.operator.plan;

/**
 * What every plan of this installation shares. {@code gatewayAddress} is the gateway service's IP (pods have no DNS);
 * {@code trustBundle} is the PEM of the authorities that may sign its certificate; {@code guard} says which guard keeps everybody else from
 * making pods with our marks, empty where there is none.
 */
public record Installation(
        String namespace,
        String launcherImage,
        LauncherDelivery delivery,
        String gatewayAddress,
        String trustBundle,
        String version,
        String guard) {

    /** Name of the gateway's service. */
    public static final String GATEWAY_SERVICE = "corral-gateway";

    /** Who a launcher's token is for. */
    public static final String GATEWAY_AUDIENCE = "corral-gateway";

    /** Where the gateway answers launchers. */
    public static final int LAUNCHER_PORT = 8443;

    /** Where it waits for what no sandbox may reach: that nobody comes is the proof. */
    public static final int SENTINEL_PORT = 8444;

    /** Where the gateway takes tunnels to host names: a port of its own, open to runs that are granted any. */
    public static final int TUNNEL_PORT = 8445;

    /** Where it hands artifacts to readers, and tells the controller of reports. */
    public static final int READER_PORT = 9443;

    /** What a reader of artifacts asks: one of the names that the gateway's certificate has. */
    public String artifactsUrl() {
        return "https://" + GATEWAY_SERVICE + "." + namespace + ".svc:" + READER_PORT;
    }

    /** The same with launchers brought in that way. */
    public Installation with(LauncherDelivery other) {
        return new Installation(namespace, launcherImage, other, gatewayAddress, trustBundle, version, guard);
    }

    /** How the launcher comes into the pod. */
    public enum LauncherDelivery {
        /** An OCI image volume, where the node's runtime executes programs from one (KEP-4639). */
        ImageVolume,
        /** An init container copies it into an emptyDir. */
        InitCopy
    }
}
