package dev.corral.operator.cluster;

import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import org.jspecify.annotations.Nullable;

/**
 * JSON that is YAML, too: the API server reads what is applied as that (go.yaml.in/yaml/v2), and there DEL, the controls from U+0080 on, U+FFFE
 * and U+FFFF are allowed only as escapes. One of them in the last words of a handler, and no status with them could ever be written.
 */
final class YamlEscapes extends CharacterEscapes {
    private static final long serialVersionUID = 1;
    private static final int DELETE = 0x7f;

    private final int[] ascii = standardAsciiEscapesForJSON();

    YamlEscapes() {
        ascii[DELETE] = ESCAPE_STANDARD;
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        return ascii.clone();
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
        boolean refused = character >= DELETE && character <= 0x9f || character == 0xfffe || character == 0xffff;
        return refused ? new SerializedString("\\u%04x".formatted(character)) : null;
    }
}
