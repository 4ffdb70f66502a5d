package dev.corral.operator.permission;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Address blocks with ports, of both families. */
class CidrFuzz {
    @FuzzTest(maxDuration = "60s")
    void holds(byte[] input) {
        Grammar.holds(
                input,
                CidrGrant::parse,
                (grant, other) -> CidrGrant.parse(other, "") instanceof Parsed.Value<CidrGrant>(var asked)
                        && grant.covers(asked));
    }
}
