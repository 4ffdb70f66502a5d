package dev.corral.operator.cluster;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;

/** How a status is applied: by one field manager, which takes the fields it names whoever wrote them before. */
final class ServerSideApply {
    private ServerSideApply() {}

    static PatchContext by(String fieldManager) {
        return new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(fieldManager)
                .withForce(true)
                .build();
    }
}
