package dev.corral.operator.permission;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Topics of events, and their patterns. */
class TopicFuzz {
    @FuzzTest(maxDuration = "60s")
    void holds(byte[] input) {
        Grammar.holds(input, TopicPattern::parse, TopicPattern::matches);
    }
}
