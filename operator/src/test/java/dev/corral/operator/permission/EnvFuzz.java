package dev.corral.operator.permission;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Names of variables, and their patterns. */
class EnvFuzz {
    @FuzzTest(maxDuration = "60s")
    void holds(byte[] input) {
        Grammar.holds(input, EnvPattern::parse, EnvPattern::matches);
    }
}
