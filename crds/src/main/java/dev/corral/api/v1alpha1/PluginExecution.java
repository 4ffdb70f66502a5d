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

/** One run of one handler with one input. */
@ApiObject
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("PluginExecution")
@Plural("pluginexecutions")
@Singular("pluginexecution")
@ShortNames("pex")
@AdditionalPrinterColumn(name = "PLUGIN", jsonPath = ".spec.plugin.*")
@AdditionalPrinterColumn(name = "VERDICT", jsonPath = ".status.verdict")
@AdditionalPrinterColumn(name = "STATE", jsonPath = ".status.state")
@AdditionalPrinterColumn(name = "START", jsonPath = ".status.start")
@AdditionalPrinterColumn(name = "DURATION", jsonPath = ".status.duration")
@AdditionalPrinterColumn(
        name = "AGE",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "REASON",
        jsonPath = ".status.conditions[?(@.type==\"Succeeded\")].reason",
        priority = 1)
@AdditionalPrinterColumn(name = "HANDLER", jsonPath = ".spec.handler", priority = 1)
public class PluginExecution extends CustomResource<PluginExecutionSpec, PluginExecutionStatus> implements Namespaced {}
