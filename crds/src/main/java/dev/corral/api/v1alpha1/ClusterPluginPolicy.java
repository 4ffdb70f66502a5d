package dev.corral.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What an administrator grants to plugins. */
@ApiObject
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ClusterPluginPolicy")
@Plural("clusterpluginpolicies")
@Singular("clusterpluginpolicy")
@ShortNames("cpp")
@AdditionalPrinterColumn(name = "OWNER", jsonPath = ".spec.owner")
@AdditionalPrinterColumn(name = "EXPIRES", jsonPath = ".spec.expires")
@AdditionalPrinterColumn(name = "MODE", jsonPath = ".spec.mode")
@AdditionalPrinterColumn(name = "READY", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "FALLBACK",
        jsonPath = ".spec.fallback",
        type = AdditionalPrinterColumn.Type.BOOLEAN,
        priority = 1)
@AdditionalPrinterColumn(name = "REASON", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason", priority = 1)
public class ClusterPluginPolicy extends CustomResource<ClusterPluginPolicySpec, PolicyStatus> {}
