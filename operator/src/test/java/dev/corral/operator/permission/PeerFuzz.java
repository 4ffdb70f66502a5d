package dev.corral.operator.permission;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Peers: labels with ports. */
class PeerFuzz {
    @FuzzTest(maxDuration = "60s")
    void holds(byte[] input) {
        Grammar.holds(
                input,
                PeerGrant::parse,
                (grant, other) -> PeerGrant.parse(other, "") instanceof Parsed.Value<PeerGrant>(var asked)
                        && grant.covers(asked));
    }
}
