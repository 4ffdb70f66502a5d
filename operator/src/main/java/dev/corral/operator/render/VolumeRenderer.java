package dev.corral.operator.render;

import dev.corral.operator.permission.SecretKeys;
import dev.corral.operator.plan.ExecutionPlan;
import dev.corral.operator.plan.ExecutionPlan.ClaimDirectory;
import dev.corral.operator.plan.Installation;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;

/** The volumes of a plugin pod: six kinds, all ours. Few, because the first volume costs a pod 0.3 s. */
final class VolumeRenderer {
    private final Installation installation;

    VolumeRenderer(Installation installation) {
        this.installation = installation;
    }

    List<Volume> volumes(ExecutionPlan plan) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(launcher());
        volumes.add(token());
        volumes.add(work(plan));
        if (plan.handler().files()) {
            volumes.add(files(plan));
        }
        List<ClaimDirectory> claims = plan.handler().claims();
        for (int i = 0; i < claims.size(); i++) {
            volumes.add(claim("claim-" + i, claims.get(i)));
        }
        List<SecretKeys> secrets = plan.permissions().secrets();
        for (int i = 0; i < secrets.size(); i++) {
            volumes.add(secret("secret-" + i, secrets.get(i)));
        }
        return List.copyOf(volumes);
    }

    List<VolumeMount> mounts(ExecutionPlan plan) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(readOnly("launcher", "/.corral/bin"));
        mounts.add(readOnly("token", "/.corral/token"));
        mounts.add(
                new VolumeMountBuilder().withName("work").withMountPath("/work").build());
        if (plan.handler().files()) {
            // the launcher writes it before the handler starts; for the handler its Landlock domain makes it read-only
            mounts.add(new VolumeMountBuilder()
                    .withName("files")
                    .withMountPath("/files")
                    .build());
        }
        List<ClaimDirectory> claims = plan.handler().claims();
        for (int i = 0; i < claims.size(); i++) {
            ClaimDirectory claim = claims.get(i);
            mounts.add(new VolumeMountBuilder(readOnly("claim-" + i, "/files/" + claim.name()))
                    .withSubPath(claim.path().isEmpty() ? null : claim.path())
                    .build());
        }
        List<SecretKeys> secrets = plan.permissions().secrets();
        for (int i = 0; i < secrets.size(); i++) {
            mounts.add(readOnly("secret-" + i, "/secrets/" + secrets.get(i).name()));
        }
        return List.copyOf(mounts);
    }

    VolumeMount launcherTarget() {
        return new VolumeMountBuilder()
                .withName("launcher")
                .withMountPath("/.corral/bin")
                .build();
    }

    private Volume launcher() {
        return switch (installation.delivery()) {
            case ImageVolume ->
                new VolumeBuilder()
                        .withName("launcher")
                        .withNewImage("IfNotPresent", installation.launcherImage())
                        .build();
            case InitCopy ->
                new VolumeBuilder()
                        .withName("launcher")
                        .withNewEmptyDir()
                        .withSizeLimit(new Quantity("16Mi"))
                        .endEmptyDir()
                        .build();
        };
    }

    /** Bound to this pod and to the gateway; exchanged once for a session, useless anywhere else. 600 s is the API's minimum. */
    private static Volume token() {
        return new VolumeBuilder()
                .withName("token")
                .withNewProjected()
                .withDefaultMode(0440)
                .addNewSource()
                .withNewServiceAccountToken()
                .withAudience(Installation.GATEWAY_AUDIENCE)
                .withExpirationSeconds(600L)
                .withPath("token")
                .endServiceAccountToken()
                .endSource()
                .endProjected()
                .build();
    }

    private static Volume work(ExecutionPlan plan) {
        long size = plan.permissions().limits().diskBytes() + PodRenderer.DISK_MARGIN;
        return new VolumeBuilder()
                .withName("work")
                .withNewEmptyDir()
                .withSizeLimit(new Quantity(Long.toString(size)))
                .endEmptyDir()
                .build();
    }

    /** What is staged counts against the disk limit, so it is no larger. */
    private static Volume files(ExecutionPlan plan) {
        return new VolumeBuilder()
                .withName("files")
                .withNewEmptyDir()
                .withSizeLimit(
                        new Quantity(Long.toString(plan.permissions().limits().diskBytes())))
                .endEmptyDir()
                .build();
    }

    private static Volume claim(String volume, ClaimDirectory directory) {
        return new VolumeBuilder()
                .withName(volume)
                .withNewPersistentVolumeClaim(directory.claim(), true)
                .build();
    }

    private static Volume secret(String volume, SecretKeys secret) {
        return new VolumeBuilder()
                .withName(volume)
                .withNewProjected()
                .withDefaultMode(0440)
                .addNewSource()
                .withNewSecret()
                .withName(secret.name())
                .withOptional(false)
                .withItems(secret.keys().stream()
                        .sorted()
                        .map(key -> new KeyToPath(key, null, key))
                        .toList())
                .endSecret()
                .endSource()
                .endProjected()
                .build();
    }

    private static VolumeMount readOnly(String volume, String path) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(true)
                .build();
    }
}
