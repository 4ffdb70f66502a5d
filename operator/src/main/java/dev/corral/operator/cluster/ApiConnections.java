package dev.corral.operator.cluster;

import dev.corral.operator.tls.CipherSuites;
import io.fabric8.kubernetes.client.vertx.VertxHttpClientFactory;
import io.netty.handler.ssl.DelegatingSslContext;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.spi.tls.SslContextFactory;
import io.vertx.ext.web.client.WebClientOptions;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.net.ssl.SSLEngine;

/**
 * Connections to the API server that ask for the lightest cipher suite first. The client (Fabric8 7.8.0) has no setting for that, and
 * what it asks for by itself has no ChaCha20 in TLS 1.3.
 */
final class ApiConnections extends VertxHttpClientFactory {
    @Override
    protected void additionalConfig(WebClientOptions options) {
        if (options.getSslEngineOptions() instanceof JdkSSLEngineOptions engines) {
            options.setSslEngineOptions(new Ordered(engines));
        }
    }

    private static final class Ordered extends JdkSSLEngineOptions {
        private final JdkSSLEngineOptions engines;

        Ordered(JdkSSLEngineOptions engines) {
            super(engines);
            this.engines = engines;
        }

        @Override
        public JdkSSLEngineOptions copy() {
            return new Ordered(engines);
        }

        @Override
        public SslContextFactory sslContextFactory() {
            return () -> new DelegatingSslContext(engines.sslContextFactory().create()) {
                @Override
                protected void initEngine(SSLEngine engine) {
                    engine.setEnabledCipherSuites(lightestFirst(engine));
                }
            };
        }
    }

    /** Those of older versions stay, behind. */
    private static String[] lightestFirst(SSLEngine engine) {
        Set<String> suites = new LinkedHashSet<>(CipherSuites.LIGHTEST_FIRST);
        suites.retainAll(Arrays.asList(engine.getSupportedCipherSuites()));
        suites.addAll(Arrays.asList(engine.getEnabledCipherSuites()));
        return suites.toArray(String[]::new);
    }
}
