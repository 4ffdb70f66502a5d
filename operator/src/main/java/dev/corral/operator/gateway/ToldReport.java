package dev.corral.operator.gateway;

import dev.corral.api.v1alpha1.RunReport;
import java.util.Objects;

/** A launcher's last word on a run, as the gateway tells it to a controller: not yet in the status, and complete otherwise. */
public record ToldReport(String namespace, String name, String uid, RunReport report) {
    public ToldReport {
        Objects.requireNonNull(namespace, "namespace");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(uid, "uid");
        Objects.requireNonNull(report, "report");
    }
}
