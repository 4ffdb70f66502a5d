package dev.corral.operator.permission;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Host names, and the hosts they mean. */
class HostFuzz {
    @FuzzTest(maxDuration = "60s")
    void holds(byte[] input) {
        Grammar.holds(input, HostPattern::parse, (pattern, host) -> pattern.matches(host, 443));
    }
}
