package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.operator.fuzz.Lines;
import dev.corral.operator.fuzz.Prompt;
import java.util.HexFormat;

/** Authorization headers: nothing but the MAC of exactly that session opens it. */
class AuthorizationFuzz {
    private static final SessionKeys KEYS = new SessionKeys(new byte[32]);

    @FuzzTest(maxDuration = "60s")
    void onlyItsMacProvesASession(byte[] input) {
        var header = Lines.of(input).first();
        Prompt.run(() -> KEYS.verify(header)
                .ifPresent(id -> assertThat(header)
                        .isEqualTo("Corral " + id.podUID() + "/" + id.session() + "/"
                                + HexFormat.of().formatHex(KEYS.key(id.podUID(), id.session())))));
    }
}
