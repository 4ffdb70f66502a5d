package dev.corral.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.corral.operator.gateway.ArtifactKey;
import dev.corral.operator.gateway.ArtifactStore;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayRoleTest {
    @TempDir
    Path directory;

    @Test
    void itsMetricsSayHowFullTheStoreIs() throws Exception {
        var store = new ArtifactStore(directory, 1 << 20, InstantSource.system());
        var meters = GatewayRole.meters(store);
        assertThat(meters.scrape().lines())
                .contains("corral_store_used_bytes 0.0", "corral_store_limit_bytes 1048576.0");

        store.put(
                new ArtifactKey("00000000-0000-0000-0000-000000000001", 1, "report"),
                "docs",
                "text/plain",
                null,
                new ByteArrayInputStream(new byte[5]),
                10);

        assertThat(meters.scrape().lines()).contains("corral_store_used_bytes 65541.0");
    }
}
