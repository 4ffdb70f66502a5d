package dev.corral.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                .contains("corral_store_used_bytes 0.0", "corral_store_limit_bytes 1048576.0")
                .contains("corral_store_refused_total 0.0");

        put(store, 5);
        assertThat(meters.scrape().lines())
                .contains("corral_store_used_bytes 65541.0", "corral_store_refused_total 0.0");

        assertThatThrownBy(() -> put(store, 1 << 20)).isInstanceOf(ArtifactStore.Full.class);
        assertThat(meters.scrape().lines())
                .contains("corral_store_used_bytes 65541.0", "corral_store_refused_total 1.0");
    }

    private static void put(ArtifactStore store, int bytes) throws Exception {
        store.put(
                new ArtifactKey("00000000-0000-0000-0000-000000000001", 1, "report"),
                "docs",
                "text/plain",
                null,
                new ByteArrayInputStream(new byte[bytes]),
                bytes);
    }
}
