package dev.corral.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What this cluster was seen to enforce, and which namespaces are served: one object per installation, written by its controller. */
@ApiObject
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("CorralCluster")
@Plural("corralclusters")
@Singular("corralcluster")
@ShortNames("crl")
@AdditionalPrinterColumn(name = "INSTALLATION", jsonPath = ".status.installation")
@AdditionalPrinterColumn(name = "VERSION", jsonPath = ".status.operatorVersion")
@AdditionalPrinterColumn(name = "READY", jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
public class CorralCluster extends CustomResource<Void, CorralClusterStatus> {}
