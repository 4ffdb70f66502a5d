package dev.corral.operator.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MediaTypesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/plain; charset=utf-8",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml",
            })
    void aTypeThatAPluginMayDeclareIsKept(String type) {
        assertThat(MediaTypes.of(type)).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "text/", "/plain", "text/plain\r\nX-Other: 1", "text/a/b", "text/plain; a=b"})
    void anythingElseIsBytes(String type) {
        assertThat(MediaTypes.of(type)).isEqualTo("application/octet-stream");
        assertThat(MediaTypes.of("text/" + "x".repeat(123))).isEqualTo("application/octet-stream");
    }
}
