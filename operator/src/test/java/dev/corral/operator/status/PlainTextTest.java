package dev.corral.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void escapesDirectionsAndZeroWidthsAreGone() {
        assertThat(PlainText.line("a\u001b[1;31mb\u001b]0;title\u0007c", 100)).isEqualTo("ab]0;titlec");
        assertThat(PlainText.line("a\u202eb\u2066c\u200bd\ufeffe\u00adf\u2028g", 100))
                .isEqualTo("abcdefg");
        assertThat(PlainText.line("one\r\ntwo\tthree", 100)).isEqualTo("one two three");
        assertThat(PlainText.lines("one\r\ntwo\tthree", 100)).isEqualTo("one\ntwo\tthree");
        assertThat(PlainText.line("\udc00x\ud83d", 100)).isEqualTo("x");
        assertThat(PlainText.line("日本 😀 é", 100)).isEqualTo("日本 😀 é");
    }

    @Test
    void whatPeopleReadIsCutByCharactersAndSaysSo() {
        assertThat(PlainText.shown("a\u001b[31mb\u009bc\u202ed\u200be\ufefff\rg\u061ch\u2066i\u007fj", 100))
                .isEqualTo("abcdefghij");
        assertThat(PlainText.shown("line\n\ttab ü 漢", 100)).isEqualTo("line\n\ttab ü 漢");
        assertThat(PlainText.shown("12345", 5)).isEqualTo("12345");
        assertThat(PlainText.shown("123456", 5)).isEqualTo("1234…");
        assertThat(PlainText.shown("12😀456", 4)).as("never half a character").isEqualTo("12…");
    }

    @Test
    void whatCountsIsCutByBytes() {
        assertThat(PlainText.cut("漢漢", 6)).isEqualTo("漢漢");
        assertThat(PlainText.cut("漢漢", 5)).isEqualTo("漢");
        assertThat(PlainText.lines("é😀", 5)).isEqualTo("é");
    }

    @Property(tries = 500)
    void cleaningTwiceIsCleaningOnceAndNeverTooLong(@ForAll String text) {
        var once = PlainText.line(text, 64);
        assertThat(PlainText.line(once, 64)).isEqualTo(once);
        assertThat(once.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(64);
        assertThat(once.chars().anyMatch(c -> c < 0x20 || (c >= 0x7f && c < 0xa0)))
                .isFalse();
    }
}
