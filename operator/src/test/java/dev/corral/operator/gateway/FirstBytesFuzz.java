package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.corral.operator.fuzz.Prompt;
import java.util.Arrays;
import java.util.Locale;

/** What a client says first: whom it names is settled once, whatever follows. */
class FirstBytesFuzz {
    @FuzzTest(maxDuration = "60s")
    void aNameOnceReadStays(byte[] input) {
        Prompt.run(() -> {
            var said = FirstBytes.read(input);
            var more = FirstBytes.read(Arrays.copyOf(input, input.length + 64));
            switch (said) {
                case FirstBytes.More(var enough) ->
                    assertThat(input.length).isLessThan(enough).isLessThan(FirstBytes.MOST);
                case FirstBytes.Tls(var name) -> stays(said, more, name);
                case FirstBytes.Http(var name) -> stays(said, more, name);
                case FirstBytes.Unreadable(var why) -> assertThat(why).isNotBlank();
            }
        });
    }

    private static void stays(FirstBytes said, FirstBytes more, String name) {
        assertThat(more).isEqualTo(said);
        assertThat(name).isEqualTo(name.toLowerCase(Locale.ROOT));
    }
}
