package dev.corral.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** One run of one handler with one input. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("PluginExecution")
@Plural("pluginexecutions")
@Singular("pluginexecution")
@ShortNames("pex")
public class PluginExecution extends CustomResource<PluginExecutionSpec, PluginExecutionStatus> implements Namespaced {}
