package dev.corral.api.v1alpha1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A plugin of the administrators' catalogue, usable from every namespace. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ClusterPlugin")
@Plural("clusterplugins")
@Singular("clusterplugin")
@ShortNames("cplg")
public class ClusterPlugin extends CustomResource<PluginSpec, PluginStatus> {}
