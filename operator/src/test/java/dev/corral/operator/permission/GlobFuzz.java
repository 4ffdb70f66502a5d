package dev.corral.operator.permission;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Path globs, and the paths they mean. */
class GlobFuzz {
    @FuzzTest(maxDuration = "60s")
    void holds(byte[] input) {
        Grammar.holds(input, PathGlob::parse, PathGlob::matches);
    }
}
