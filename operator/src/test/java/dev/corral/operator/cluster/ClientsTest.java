package dev.corral.operator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.Config;
import org.junit.jupiter.api.Test;

class ClientsTest {
    /** Its own pause of a second would be one of blindness, every few minutes, for each kind that is watched. */
    @Test
    void aWatchThatTheClientRenewsIsOpenAgainSoon() {
        try (var client = Clients.with(Config.empty())) {
            assertThat(client.getConfiguration().getWatchReconnectInterval()).isBetween(1, 100);
        }
    }
}
