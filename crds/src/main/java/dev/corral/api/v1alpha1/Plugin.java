package dev.corral.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A container image plus its handlers, what they ask for and what they declare. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("Plugin")
@Plural("plugins")
@Singular("plugin")
@ShortNames("plg")
public class Plugin extends CustomResource<PluginSpec, PluginStatus> implements Namespaced {}
