package dev.corral.operator.gateway;

/** One launcher's session in one pod; as good as the key that proves it. */
record SessionId(String podUID, String session) {}
