package dev.corral.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** Warm pods of one sandbox class: started, verified, waiting, each for one attempt. */
@ApiObject
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("PluginPool")
@Plural("pluginpools")
@Singular("pluginpool")
@ShortNames("ppool")
@AdditionalPrinterColumn(name = "PLUGIN", jsonPath = ".spec.plugin.*")
@AdditionalPrinterColumn(name = "WANTED", jsonPath = ".spec.replicas", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "READY", jsonPath = ".status.ready", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "STARTING", jsonPath = ".status.starting", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "CLAIMED", jsonPath = ".status.claimed", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "REASON", jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "CLASS", jsonPath = ".status.sandboxClass", priority = 1)
@AdditionalPrinterColumn(name = "CPU", jsonPath = ".status.reserved.cpu", priority = 1)
@AdditionalPrinterColumn(name = "MEMORY", jsonPath = ".status.reserved.memory", priority = 1)
public class PluginPool extends CustomResource<PluginPoolSpec, PluginPoolStatus> implements Namespaced {}
