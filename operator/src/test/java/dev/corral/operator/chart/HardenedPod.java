package dev.corral.operator.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The plugin pod as the guards want it, and the same with one field weakened. */
final class HardenedPod {
    private static final String YAML = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: pex-0123456789abcdefghij-1
              labels:
                app.kubernetes.io/managed-by: corral
                corral.dev/plugin-pod: "true"
                corral.dev/network-class: n0
                sidecar.istio.io/inject: "false"
              annotations:
                corral.dev/execution: check
              ownerReferences:
                - {apiVersion: corral.dev/v1alpha1, kind: PluginExecution, name: check, uid: OWNER, controller: true}
            spec:
              serviceAccountName: corral-plugin
              automountServiceAccountToken: false
              enableServiceLinks: false
              hostUsers: false
              restartPolicy: Never
              imagePullSecrets: [{name: registry}]
              dnsPolicy: None
              dnsConfig: {nameservers: [127.0.0.1]}
              readinessGates: [{conditionType: corral.dev/SandboxVerified}]
              activeDeadlineSeconds: 420
              terminationGracePeriodSeconds: 10
              securityContext:
                runAsNonRoot: true
                runAsUser: 10001
                runAsGroup: 10001
                fsGroup: 10001
                supplementalGroupsPolicy: Strict
                seccompProfile: {type: RuntimeDefault}
              containers:
                - name: plugin
                  image: images.example/check@sha256:CCCC
                  command: [/.corral/bin/corral, launch]
                  env:
                    - {name: CORRAL_GATEWAY, value: "https://10.96.0.20:8443"}
                    - {name: CORRAL_SENTINEL, value: "10.96.0.20:8444"}
                    - {name: CORRAL_CA, value: "-----BEGIN CERTIFICATE-----"}
                  terminationMessagePath: /.corral/termination-log
                  resources:
                    requests: {cpu: 10m, memory: 128Mi, ephemeral-storage: 64Mi}
                    limits: {cpu: 500m, memory: 128Mi, ephemeral-storage: 64Mi}
                  securityContext:
                    allowPrivilegeEscalation: false
                    capabilities: {drop: [ALL]}
                    readOnlyRootFilesystem: true
                  volumeMounts:
                    - {name: launcher, mountPath: /.corral/bin, readOnly: true}
                    - {name: token, mountPath: /.corral/token, readOnly: true}
                    - {name: work, mountPath: /work}
                    - {name: secret-0, mountPath: /secrets/api-key, readOnly: true}
              volumes:
                - {name: launcher, image: {reference: LAUNCHER, pullPolicy: IfNotPresent}}
                - name: token
                  projected:
                    sources:
                      - serviceAccountToken: {audience: corral-gateway, expirationSeconds: 600, path: token}
                - {name: work, emptyDir: {sizeLimit: 64Mi}}
                - name: secret-0
                  projected:
                    defaultMode: 288
                    sources:
                      - secret: {name: api-key, items: [{key: token, path: token}]}
            """;

    private HardenedPod() {}

    static ObjectNode ownedBy(String uid) {
        return (ObjectNode) parse(
                YAML.replace("OWNER", uid).replace("LAUNCHER", Chart.LAUNCHER).replace("CCCC", "c".repeat(64)));
    }

    /** {@code pod} with the value at {@code pointer} replaced by {@code yaml}; empty removes it, a last {@code -} appends. */
    static ObjectNode with(ObjectNode pod, String pointer, String yaml) {
        var copy = pod.deepCopy();
        var cut = pointer.lastIndexOf('/');
        var field = pointer.substring(cut + 1).replace("~1", "/");
        var parent = copy.at(pointer.substring(0, cut));
        if (parent instanceof ArrayNode array) {
            if (field.equals("-")) {
                array.add(parse(yaml));
            } else {
                array.set(Integer.parseInt(field), parse(yaml));
            }
        } else if (yaml.isEmpty()) {
            ((ObjectNode) parent).remove(field);
        } else {
            ((ObjectNode) parent).set(field, parse(yaml));
        }
        return copy;
    }

    static JsonNode parse(String yaml) {
        try {
            return new YAMLMapper().readTree(yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
