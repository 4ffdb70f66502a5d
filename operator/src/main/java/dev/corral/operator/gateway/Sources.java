package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.ArtifactReference;
import dev.corral.api.v1alpha1.ConfigMapKey;
import dev.corral.api.v1alpha1.FileDigest;
import dev.corral.api.v1alpha1.StagedFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;

/** Where input, variables and files of a run come from. An artifact must have the bytes it was decided to have, or it is not there. */
final class Sources {
    private final GatewayCluster cluster;
    private final Executions executions;
    private final ArtifactStore store;
    private final InstantSource clock;

    Sources(GatewayCluster cluster, Executions executions, ArtifactStore store, InstantSource clock) {
        this.cluster = cluster;
        this.executions = executions;
        this.store = store;
        this.clock = clock;
    }

    /** Bytes of a known length; the caller closes. */
    record Bytes(long size, InputStream stream) {}

    byte[] configMap(BoundRun run, ConfigMapKey key, String what) {
        return cluster.configMapValue(run.name().namespace(), key.name(), key.key())
                .orElseThrow(() -> Undeliverable.unavailable(
                        what + " is not there: ConfigMap '" + key.name() + "', key '" + key.key() + "'"));
    }

    /** The artifact that is the input, whole. */
    byte[] input(BoundRun run, ArtifactReference artifact, int most) {
        var digest = run.inputDigest()
                .orElseThrow(() -> Undeliverable.unavailable("the decision does not say which bytes the input has"));
        try (var stream = store.open(key(run, artifact, digest, "the input")).orElseThrow(() -> gone("the input"))) {
            var bytes = stream.readNBytes(most + 1);
            if (bytes.length > most) {
                throw Undeliverable.unavailable("the input is larger than " + most / 1024 + " KiB");
            }
            if (!Digests.sha256(bytes).equals(digest)) {
                throw Undeliverable.unavailable("the input has other bytes in the store than it was decided to have");
            }
            return bytes;
        } catch (IOException failed) {
            throw new ClusterUnavailable("the artifact could not be read", failed);
        }
    }

    /** Which bytes the file will have. */
    FileDigest digest(BoundRun run, StagedFile file) {
        if (file.configMapKey() != null) {
            var bytes = configMap(run, file.configMapKey(), what(file));
            return new FileDigest(file.name(), Digests.sha256(bytes), (long) bytes.length);
        }
        var decided = decided(run, file);
        var stored = store.find(key(run, artifact(file), String.valueOf(decided.sha256()), what(file)))
                .orElseThrow(() -> gone(what(file)));
        return new FileDigest(file.name(), stored.sha256(), stored.size());
    }

    /** The bytes of the file, for a launcher that knows which they must be. */
    Bytes open(BoundRun run, StagedFile file) throws IOException {
        if (file.configMapKey() != null) {
            var bytes = configMap(run, file.configMapKey(), what(file));
            return new Bytes(bytes.length, new ByteArrayInputStream(bytes));
        }
        var key = key(run, artifact(file), String.valueOf(decided(run, file).sha256()), what(file));
        var stored = store.find(key).orElseThrow(() -> gone(what(file)));
        return new Bytes(stored.size(), store.open(key).orElseThrow(() -> gone(what(file))));
    }

    private static FileDigest decided(BoundRun run, StagedFile file) {
        return run.decidedFile(file.name())
                .orElseThrow(() ->
                        Undeliverable.unavailable("the decision does not say which bytes " + what(file) + " has"));
    }

    private static ArtifactReference artifact(StagedFile file) {
        if (file.artifact() == null) {
            throw Undeliverable.unavailable(what(file) + " has no source");
        }
        return file.artifact();
    }

    /** Of an artifact its execution still lists, with the bytes it was decided to have, before its time is over. */
    private ArtifactKey key(BoundRun run, ArtifactReference artifact, String digest, String what) {
        var producer = executions
                .named(new NamespacedName(run.name().namespace(), artifact.execution()))
                .orElseThrow(() -> gone(what));
        if (ReaderRoutes.published(producer, artifact.artifact())
                .filter(published -> digest.equals(published.sha256()))
                .isEmpty()) {
            throw gone(what);
        }
        var key = ReaderRoutes.key(producer, artifact.artifact()).orElseThrow(() -> gone(what));
        if (store.find(key)
                .filter(stored -> stored.sha256().equals(digest))
                .filter(stored -> !stored.isExpired(clock.instant()))
                .isEmpty()) {
            throw gone(what);
        }
        return key;
    }

    private static String what(StagedFile file) {
        return "file '" + file.name() + "'";
    }

    private static Undeliverable gone(String what) {
        return Undeliverable.unavailable(what + " is not there any more: the artifact is gone, or has other bytes now");
    }
}
