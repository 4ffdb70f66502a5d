package dev.corral.api.v1alpha1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What an administrator grants to plugins. */
@Group(Api.GROUP)
@Version(Api.VERSION)
@Kind("ClusterPluginPolicy")
@Plural("clusterpluginpolicies")
@Singular("clusterpluginpolicy")
@ShortNames("cpp")
public class ClusterPluginPolicy extends CustomResource<ClusterPluginPolicySpec, PolicyStatus> {}
