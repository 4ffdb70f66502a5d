package dev.corral.operator.permission;

/** One thing that a plugin can ask for and a policy can grant or deny. {@code toString} is the canonical text, which parses back. */
public sealed interface Grantable
        permits ArtifactPattern,
                CapabilityName,
                CidrGrant,
                ClaimPaths,
                EnvPattern,
                HostPattern,
                PathGlob,
                PeerGrant,
                SecretKeys,
                ServiceName,
                TopicPattern,
                Word {

    /** Whether everything {@code ask} stands for is part of this. Never true when in doubt: this is what grants rest on. */
    boolean covers(Grantable ask);

    /** Whether something {@code ask} stands for can be part of this. True when in doubt: this is what denies rest on. */
    boolean overlaps(Grantable ask);
}
