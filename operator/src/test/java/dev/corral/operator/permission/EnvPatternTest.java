package dev.corral.operator.permission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvPatternTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "LD_PRELOAD",
                "ld_preload",
                "LD_*",
                "HTTP_PROXY",
                "https_proxy",
                "No_Proxy",
                "NODE_OPTIONS",
                "JAVA_TOOL_OPTIONS",
                "JDK_JAVA_OPTIONS",
                "_JAVA_OPTIONS",
                "PYTHONPATH",
                "PYTHON*",
                "PERL5OPT",
                "PERL5LIB",
                "RUBYOPT",
                "RUBYLIB",
                "BASH_ENV",
                "SHELLOPTS",
                "PATH",
                "HOME",
                "TMPDIR",
                "KUBERNETES_SERVICE_HOST",
                "KUBERNETES_*",
                "CORRAL_INPUT",
                "corral_x*",
                "GLIBC_TUNABLES",
                "GCONV_PATH"
            })
    void reservedNamesAreRefusedAsReserved(String text) {
        assertThat(EnvPattern.parse(text, "p").violations())
                .singleElement()
                .extracting(Violation::reason)
                .isEqualTo(ViolationReason.ReservedEnv);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "=x", "A=B", "1A", "A-B", "A.B", "A_*_B", "*A", "**", "A**", "Ä", "A B", "A\n", "A\u0000"})
    void whatIsNoNameIsRefused(String text) {
        assertThat(EnvPattern.parse(text, "p").violations())
                .singleElement()
                .extracting(Violation::reason)
                .isEqualTo(ViolationReason.Malformed);
    }

    @ParameterizedTest
    @CsvSource({
        "CHECK_*, CHECK_DEPTH, true",
        "CHECK_*, CHECK_, true",
        "CHECK_*, XCHECK_A, false",
        "CHECK_*, check_a, false",
        "CHECK_*, CHECK_PROXY, false",
        "LANG, LANG, true",
        "LANG, LANGUAGE, false",
        "*, ANY, true",
        "*, LD_PRELOAD, false",
        "*, ld_preload, false",
        "L*, LD_PRELOAD, false",
        "L*, LANG, true",
        "*, A=B, false",
    })
    void matchesButNeverAReservedName(String pattern, String name, boolean matches) {
        assertThat(EnvPattern.parse(pattern, "p").orElseThrow().matches(name)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        "*, A*, true, true",
        "A*, *, false, true",
        "A*, AB, true, true",
        "AB, A*, false, true",
        "A, A*, false, true",
        "AB, AB, true, true",
        "A, AB, false, false",
        "A*, B*, false, false"
    })
    void coversAndOverlaps(String grant, String ask, boolean covers, boolean overlaps) {
        EnvPattern granted = EnvPattern.parse(grant, "p").orElseThrow();
        EnvPattern asked = EnvPattern.parse(ask, "p").orElseThrow();
        assertThat(granted.covers(asked)).isEqualTo(covers);
        assertThat(granted.overlaps(asked)).isEqualTo(overlaps);
    }

    @Test
    void cannotBeBuiltMalformed() {
        assertThatThrownBy(() -> new EnvPattern("PATH", false)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EnvPattern("LD_", true)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EnvPattern("A B", false)).isInstanceOf(IllegalArgumentException.class);
    }
}
